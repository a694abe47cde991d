import math

import pytest
import torch

from lowface_face.align import align_similarity, crop_box, fit_similarity, invert, warp
from lowface_face.encoder import template_for


def similarity(angle, scale, shift):
    a, b = scale * math.cos(angle), scale * math.sin(angle)
    return torch.tensor([[a, -b, shift[0]], [b, a, shift[1]]])


def ramp(height, width):
    """A picture whose red is x and whose green is y, as shares."""
    y, x = torch.meshgrid(torch.arange(height) / height, torch.arange(width) / width, indexing="ij")
    return torch.stack([x, y, torch.zeros_like(x)])[None]


@pytest.mark.parametrize(("angle", "scale"), [(0.0, 1.0), (0.5, 0.4), (-2.9, 3.0)])
def test_fit_recovers_a_known_similarity(points, angle, scale):
    want = similarity(angle, scale, (7.0, -3.0))
    moved = points @ want[:, :2].T + want[:, 2]
    got = fit_similarity(points[None], moved[None])[0]
    torch.testing.assert_close(got, want, atol=1e-4, rtol=1e-4)
    both = invert(got[None])[0]
    back = moved @ both[:, :2].T + both[:, 2]
    torch.testing.assert_close(back, points, atol=1e-3, rtol=0)


def test_fit_is_least_squares(points):
    generator = torch.Generator().manual_seed(1)
    target = points * 1.3 + torch.randn(5, 2, generator=generator) * 2
    best = fit_similarity(points[None], target)[0]

    def error(m):
        return (points @ m[:, :2].T + m[:, 2] - target).square().sum()

    for change in torch.randn(50, 4, generator=generator) * 0.01:
        a, b = best[0, 0] + change[0], best[1, 0] + change[1]
        other = torch.stack([torch.stack([a, -b, best[0, 2]]), torch.stack([b, a, best[1, 2]])])
        other[:, 2] += change[2:]
        assert error(other) >= error(best)


def test_half_precision_regions_do_not_round_coordinates(points):
    target = points * 7 + 300
    with torch.autocast("cpu", dtype=torch.bfloat16):
        got = invert(fit_similarity(points[None], target[None]))
    torch.testing.assert_close(got, invert(fit_similarity(points[None], target[None])))


def test_equal_points_stay_finite():
    matrix = fit_similarity(torch.zeros(1, 5, 2), template_for((64, 64)))
    assert invert(matrix).isfinite().all()


def test_crop_shows_what_the_rotation_says(points):
    """Each crop pixel of a ramp reads the picture's coordinates there."""
    template = template_for((64, 64))
    to_picture = similarity(0.4, 0.8, (30.0, 10.0))
    landmarks = template @ to_picture[:, :2].T + to_picture[:, 2]
    crop = align_similarity(ramp(100, 120), landmarks[None], template, (64, 64))
    for x, y in ((32, 30), (20, 40), (50, 12)):
        want = to_picture[:, :2] @ torch.tensor([float(x), float(y)]) + to_picture[:, 2]
        got = crop[0, :2, y, x] * torch.tensor([120.0, 100.0])
        torch.testing.assert_close(got, want, atol=1e-3, rtol=0)


def test_identity_is_exact_and_outside_is_black():
    image = torch.rand(1, 3, 20, 30)
    same = warp(image, torch.tensor([[[1.0, 0, 0], [0, 1.0, 0]]]), (20, 30))
    torch.testing.assert_close(same, image, atol=1e-5, rtol=0)
    outside = warp(image, torch.tensor([[[1.0, 0, 500], [0, 1.0, 0]]]), (20, 30))
    assert outside.abs().max() == 0


def test_shrinking_averages_instead_of_skipping():
    image = torch.zeros(1, 1, 64, 64)
    image[..., ::2] = 1.0  # the finest stripes there are: 0.5 on average
    image.requires_grad_()
    crop = warp(image, torch.tensor([[[4.0, 0, 1.5], [0, 4.0, 1.5]]]), (16, 16))
    torch.testing.assert_close(crop, torch.full_like(crop, 0.5), atol=1e-5, rtol=0)
    crop.sum().backward()
    assert (image.grad > 0).all()


def test_gradient_reaches_the_picture_but_not_the_landmarks(points):
    image = torch.rand(2, 3, 64, 64, requires_grad=True)
    landmarks = points.expand(2, 5, 2).clone().requires_grad_()
    align_similarity(image, landmarks, template_for((64, 64)), (64, 64)).square().sum().backward()
    assert image.grad.abs().sum() > 0
    assert landmarks.grad is None


def test_box_crop_keeps_the_whole_box():
    box = torch.tensor([[20.0, 30.0, 60.0, 50.0]])  # 40 wide, 20 high
    crop = crop_box(ramp(100, 100), box, (40, 40))
    # a square of 40 around the centre (40, 40) of edges, i.e. pixels 20..59 on both axes
    torch.testing.assert_close(crop[0, 0, 20], torch.arange(20, 60) / 100, atol=1e-5, rtol=0)
    torch.testing.assert_close(crop[0, 1, :, 20], torch.arange(20, 60) / 100, atol=1e-5, rtol=0)
