"""Smoothness loss against the released code's arrays and against a loop over all 24 directions."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from lowface_fidelity.smoothness import SmoothnessLoss


def naive(low: Tensor, illumination: Tensor, sigma: float) -> float:
    """The paper's form, pixel by pixel over the 24 directions, for a batch of one."""
    _, channels, height, width = illumination.shape
    total = 0.0
    for down in range(-2, 3):
        for right in range(-2, 3):
            terms = []
            for y in range(height):
                for x in range(width):
                    v, u = y + down, x + right
                    if (down, right) == (0, 0) or not (0 <= v < height and 0 <= u < width):
                        continue
                    edge = sum(float(low[0, c, v, u] - low[0, c, y, x]) ** 2 for c in range(3))
                    change = sum(
                        abs(float(illumination[0, c, v, u] - illumination[0, c, y, x])) for c in range(channels)
                    )
                    terms.append(math.exp(-edge / (2 * sigma**2)) * change)
            total += sum(terms) / len(terms) if terms else 0.0
    return total


def test_released_form_is_the_released_codes(released: dict[str, Tensor], as_released: Callable[..., None]) -> None:
    as_released("smooth", lambda light: SmoothnessLoss(form="released")(released["low"], light), of="illumination")


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(5, 6), (2, 7), (1, 4)])
@pytest.mark.parametrize("sigma", [0.1, 0.4])
def test_paper_form_against_the_loop(channels: int, size: tuple[int, int], sigma: float) -> None:
    torch.manual_seed(0)
    low = torch.rand(1, 3, *size, dtype=torch.float64) * 0.3
    illumination = torch.rand(1, channels, *size, dtype=torch.float64)
    expected = naive(low, illumination, sigma)
    assert float(SmoothnessLoss(sigma)(low, illumination)) == pytest.approx(expected)


def test_only_the_paper_form_respects_edges() -> None:
    step = torch.zeros(1, 3, 12, 12)
    step[..., 6:] = 0.5
    illumination = step[:, :1]
    cost = {form: SmoothnessLoss(form=form) for form in ("paper", "released")}
    assert float(cost["paper"](step, illumination)) < 0.01 * float(cost["paper"](torch.zeros_like(step), illumination))
    assert float(cost["released"](step, illumination)) > 0.9 * float(
        cost["released"](torch.zeros_like(step), illumination)
    )


@pytest.mark.parametrize("form", ["paper", "released"])
def test_gradcheck(form: str) -> None:
    torch.manual_seed(0)
    low = torch.rand(1, 3, 4, 5, dtype=torch.float64)
    illumination = torch.rand(1, 1, 4, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda i: SmoothnessLoss(form=form)(low, i), (illumination,))
