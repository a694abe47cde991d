"""The loss by hand, against the released code's arrays, and against finite differences."""

from __future__ import annotations

import inspect

import pytest
import torch

from lowface_core.errors import ConfigError, DataError
from lowface_semantic.semantic_brightness import (
    SemanticBrightnessFromLabels,
    SemanticBrightnessFromParser,
    brightness_spread,
    released_brightness_spread,
    semantic_brightness,
)


def grey(*rows):
    return torch.tensor(rows)[None, None].expand(1, 3, -1, -1).clone()


def scene(n=2, size=6, classes=4, seed=0):
    generator = torch.Generator().manual_seed(seed)
    image = torch.rand(n, 3, size, size, generator=generator)
    return image, torch.randint(0, classes, (n, size, size), generator=generator)


def test_by_hand():
    # class 1: 0.2 and 0.4, mean 0.3; class 2: 0.5, 0.5; so (0.1² + 0.1²) / 4 pixels
    value = semantic_brightness()(grey([0.2, 0.4], [0.5, 0.5]), torch.tensor([[[1, 1], [2, 2]]]))
    assert value.item() == pytest.approx(0.02 / 4)


def test_brightness_is_the_mean_of_the_channels():
    image = torch.zeros(1, 3, 1, 2)
    image[0, 0, 0, 0] = 0.6  # red only: brightness 0.2
    image[0, :, 0, 1] = 0.2
    assert brightness_spread(image, torch.zeros(1, 1, 2, dtype=torch.long)).item() == pytest.approx(0, abs=1e-12)


def test_regions_belong_to_one_picture():
    # the same class at 0.2 in one picture and 0.8 in the other is even in both
    image = torch.cat([torch.full((1, 3, 4, 4), 0.2), torch.full((1, 3, 4, 4), 0.8)])
    assert brightness_spread(image, torch.ones(2, 4, 4, dtype=torch.long)).item() == pytest.approx(0, abs=1e-12)


def test_size_does_not_matter():
    image, labels = scene()
    large = image.repeat_interleave(3, 2).repeat_interleave(3, 3)
    value = brightness_spread(large, labels.repeat_interleave(3, 1).repeat_interleave(3, 2))
    torch.testing.assert_close(value, brightness_spread(image, labels))


def test_empty_classes_do_not_matter():
    image, labels = scene()
    torch.testing.assert_close(brightness_spread(image, labels, 4), brightness_spread(image, labels, 200))


@pytest.mark.parametrize("form", ["paper", "released"])
def test_matches_a_loop_over_classes(form):
    image, labels = scene(1)
    bright, want = image.double().mean(1), 0.0
    for s in range(4):
        inside = labels == s
        mean = (bright[inside].mean() if form == "paper" else bright[inside].sum() / bright.numel()).item()
        want += ((bright[inside] - mean) ** 2).sum().item() / bright.numel()
    assert semantic_brightness(4, form)(image, labels).item() == pytest.approx(want, rel=1e-5)


def test_released_form_by_hand():
    # class 0: 0.2 of one pixel in four, m = 0.05; class 1: 0.4 + 0.4 + 0.8, m = 0.4
    value = released_brightness_spread(grey([0.2, 0.4], [0.4, 0.8]), torch.tensor([[[0, 1], [1, 1]]]))
    assert value.item() == pytest.approx((0.15**2 + 0.4**2) / 4)


def test_released_code(released, as_released):
    labels = released["labels"].long()
    as_released("semantic_brightness", lambda enhanced: semantic_brightness(form="released")(enhanced, labels))


def test_unlabelled_pixels_are_left_out():
    image, labels = scene(1)
    half = labels.clone()
    half[:, 3:] = 255
    for function in (brightness_spread, released_brightness_spread):
        darker = image.clone()
        darker[:, :, 3:] *= 0.5
        torch.testing.assert_close(function(image, half), function(darker, half))
    torch.testing.assert_close(brightness_spread(image, half), brightness_spread(image[:, :, :3], labels[:, :3]))
    assert brightness_spread(image, torch.full_like(labels, 255)).item() == 0


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int32])
def test_small_integer_maps_do_not_overflow(dtype):
    image, labels = scene(40, classes=11)
    torch.testing.assert_close(brightness_spread(image, labels.to(dtype)), brightness_spread(image, labels))


def test_gradient_against_differences():
    image, labels = scene()
    labels[0, 0, :2] = 255
    image = image.double().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: brightness_spread(x, labels, 4), (image,))


def test_released_gradient_holds_the_mean_fixed():
    image, labels = scene(1)
    image = image.double().requires_grad_()
    (gradient,) = torch.autograd.grad(released_brightness_spread(image, labels, 4), image)
    bright, pixels = image.mean(1).detach(), labels[0].numel()
    mean = torch.stack([bright[labels == s].sum() / pixels for s in range(4)])[labels]
    torch.testing.assert_close(gradient[:, 0], 2 * (bright - mean) / pixels / 3)


def test_inputs_are_stated_by_argument_names():
    def names(loss):
        return list(inspect.signature(loss.forward).parameters)

    assert names(semantic_brightness(regions="labels")) == ["enhanced", "labels"]
    assert names(semantic_brightness(regions="parser")) == ["enhanced", "parser"]


def test_parser_regions_are_the_argmax_and_carry_no_gradient():
    image, labels = scene()
    image.requires_grad_()
    logits = torch.nn.functional.one_hot(labels, 4).permute(0, 3, 1, 2).float()
    seen = []

    def parser(picture):
        seen.append(picture)
        return logits * (1 + picture.mean())

    loss = semantic_brightness(4, regions="parser")
    assert isinstance(loss, SemanticBrightnessFromParser)
    value = loss(image, parser)
    torch.testing.assert_close(value, SemanticBrightnessFromLabels(4)(image, labels))
    value.backward()
    assert image.grad.abs().sum() > 0
    assert [picture.requires_grad for picture in seen] == [False]


def test_wrong_use_is_said():
    image, labels = scene()
    with pytest.raises(ConfigError, match="parser has 4"):
        semantic_brightness(11, regions="parser")(image, lambda _: torch.rand(2, 4, 6, 6))
    with pytest.raises(DataError, match="must be"):
        brightness_spread(image, labels[:, :3])
    with pytest.raises(DataError, match="whole numbers"):
        brightness_spread(image, labels.float())
    for wrong in (4, -1, 254):
        with pytest.raises(DataError, match=f"label {wrong} "):
            brightness_spread(image, labels.masked_fill(labels == 2, wrong), 4)
