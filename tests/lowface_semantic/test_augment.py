"""Light changes stay in range, mirrored maps change sides."""

from __future__ import annotations

import torch

from lowface_semantic.augment import augment, mirror, relight


def test_mirror_swaps_sides_and_names():
    image = torch.arange(6.0).view(1, 1, 1, 6).expand(1, 3, 1, 6)
    flipped, labels = mirror(image, torch.tensor([[[2, 4, 6, 5, 3, 255]]]))
    assert flipped[0, 0, 0].tolist() == [5, 4, 3, 2, 1, 0]
    assert labels[0, 0].tolist() == [255, 2, 4, 6, 5, 3]


def test_relight_without_change_is_the_picture():
    image = torch.rand(2, 3, 8, 8)
    torch.testing.assert_close(relight(image, (1, 1), (1, 1), 0), image, atol=2e-5, rtol=0)


def test_relight_by_hand():
    image = torch.full((1, 3, 2, 2), 0.25)
    torch.testing.assert_close(relight(image, (0.5, 0.5), (2, 2), 0), torch.full((1, 3, 2, 2), 0.03125))


def test_each_picture_draws_its_own_light():
    torch.manual_seed(0)
    out = relight(torch.full((6, 3, 2, 2), 0.5), (0.3, 1.1), (1, 1), 0)
    factors = out[:, 0, 0, 0] / 0.5
    assert factors.unique().numel() == 6
    assert factors.min() >= 0.3 - 1e-5
    assert factors.max() <= 1.1 + 1e-5


def test_augment_keeps_pictures_and_maps_together():
    torch.manual_seed(1)
    image = torch.zeros(32, 3, 1, 4)
    image[..., 0] = 0.8  # one bright pixel, labelled as a left eye on the left
    labels = torch.zeros(32, 1, 4, dtype=torch.uint8)
    labels[..., 0] = 4
    out, maps = augment(image, labels, noise=0.0)
    assert maps.dtype == torch.int64
    flipped = out[:, 0, 0, 3] > out[:, 0, 0, 0]
    assert 4 < int(flipped.sum()) < 28
    assert torch.equal(maps[:, 0, 3] == 5, flipped)
    assert torch.equal(maps[:, 0, 0] == 4, ~flipped)
    assert out.min() >= 0
    assert out.max() <= 1
