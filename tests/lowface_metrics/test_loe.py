"""Lightness order error against its definition, pixel by pixel."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from lowface_core.errors import LowfaceError
from lowface_metrics.loe import LOE, lightness_grid, loe


def by_definition(image: np.ndarray, low: np.ndarray) -> float:
    """The authors' procedure with a loop over every pixel and every pair: (3,H,W) in [0,1] each."""

    def grid(picture: np.ndarray) -> list[int]:
        lightness = np.rint(255 * picture).max(0)
        height, width = lightness.shape
        step = max(min(height, width) // 50, 1)
        return [
            int(lightness[max(y - 7, 0) : y + 8, max(x - 7, 0) : x + 8].max())
            for y in range(step - 1, height // step * step, step)
            for x in range(step - 1, width // step * step, step)
        ]

    after, before = grid(image), grid(low)
    count = sum((a >= b) != (c >= d) for (a, c), (b, d) in itertools.product(zip(before, after, strict=True), repeat=2))
    return count / len(after)


@pytest.mark.parametrize(("height", "width"), [(9, 23), (53, 50), (101, 115)])
def test_equals_the_definition(height: int, width: int) -> None:
    generator = torch.Generator().manual_seed(height)
    low = torch.rand(1, 3, height, width, generator=generator) ** 3
    image = (2 * low.sqrt() * torch.rand(1, 1, height, width, generator=generator)).clamp(0, 1)
    got = loe(image, low).item()
    assert got == pytest.approx(by_definition(image[0].numpy(), low[0].numpy()), abs=1e-9)
    assert got > 0


def test_by_hand() -> None:
    """Three pixels far apart in one row: the first two change places.

    Sampled lightness before 1 2 3, after 2 1 3. Pixel 1: pixel 2 was not darker and now is: 1. Pixel 2: pixel 1 was
    darker and is not now: 1. Pixel 3: none.
    """
    from lowface_metrics.loe import _reversals

    before, after = torch.tensor([1, 2, 3]), torch.tensor([2, 1, 3])
    assert _reversals(before, after).item() == 2
    assert _reversals(torch.tensor([5, 5]), torch.tensor([5, 6])).item() == 1  # a tie that is broken is one reversal
    assert _reversals(torch.tensor([0, 255]), torch.tensor([255, 0])).item() == 2


@pytest.mark.parametrize("change", [lambda x: x, lambda x: x**0.4, lambda x: 0.9 * x + 0.1])
def test_growing_curves_keep_the_order(change) -> None:
    low = torch.randint(0, 100, (2, 3, 60, 70), generator=torch.Generator().manual_seed(0)) / 255
    assert loe(change(low), low).tolist() == [0, 0]


def test_a_negative_reverses_nearly_every_pair() -> None:
    """A ramp, and the ramp reversed: all pairs but those that the 15x15 maximum made equal before or after."""
    low = torch.linspace(0, 1, 60).expand(1, 3, 60, 60)
    grid = lightness_grid(low)[0, 0]
    assert loe(1 - low, low).item() > 0.7 * 60 * 60
    assert grid.diff().ge(0).all()


def test_each_picture_has_its_own_and_equal_pictures_none() -> None:
    metric = LOE()
    low = torch.rand(2, 3, 50, 50, generator=torch.Generator().manual_seed(1))
    image = torch.stack([low[0], 1 - low[1]])
    numbers = metric.update(image=image, low=low)["loe"]
    assert numbers[0] == 0
    assert metric.compute() == pytest.approx(numbers.mean().item())
    with pytest.raises(LowfaceError, match=r"loe: image is \(2, 3, 50, 50\) and low is \(2, 3, 50, 49\)"):
        metric.update(image=image, low=low[..., 1:])
