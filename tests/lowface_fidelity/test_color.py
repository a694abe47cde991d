"""Colour loss against the released code's arrays and against full two-dimensional convolutions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from lowface_fidelity.color import ColorLoss, gaussian_taps


def normal_cdf(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2))


def kernel_of(form: str) -> Tensor:
    """The 21x21 kernel, entry by entry."""
    if form == "paper":
        kernel = torch.tensor([[math.exp(-(k * k + m * m) / 6) for k in range(-10, 11)] for m in range(-10, 11)])
    else:
        edges = np.linspace(-3 - 1 / 6, 3 + 1 / 6, 22)
        p = [normal_cdf(b) - normal_cdf(a) for a, b in itertools.pairwise(edges)]
        kernel = torch.tensor([[math.sqrt(a * b) for a in p] for b in p])
    return (kernel / kernel.sum()).double()


def naive(form: str, enhanced: Tensor, positive: Tensor) -> Tensor:
    """Each picture through a full 21x21 convolution."""
    kernel = kernel_of(form)
    if form == "paper":
        filters = kernel * torch.eye(3, dtype=torch.float64).view(3, 3, 1, 1)
    else:
        filters = kernel.expand(3, 3, 21, 21)
    blurred = [functional.conv2d(image, filters, padding=10) for image in (enhanced, positive)]
    return (blurred[0] - blurred[1]).square().mean()


def test_released_form_is_the_released_codes(released: dict[str, Tensor], as_released: Callable[..., None]) -> None:
    as_released("color", lambda enhanced: ColorLoss(form="released")(enhanced, released["positive"]))


@pytest.mark.parametrize("form", ["paper", "released"])
@pytest.mark.parametrize("size", [(1, 1), (7, 30), (25, 24)])
def test_against_the_full_convolution(form: str, size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    enhanced, positive = torch.rand(2, 2, 3, *size, dtype=torch.float64)
    expected = float(naive(form, enhanced, positive))
    assert float(ColorLoss(form=form)(enhanced, positive)) == pytest.approx(expected, rel=1e-5)


def test_gaussian_is_the_papers() -> None:
    taps = gaussian_taps()
    assert float(taps.sum()) == pytest.approx(1)
    assert float(taps[10] ** 2) == pytest.approx(0.053, abs=5e-4)  # the paper's constant, 1 / (2π·3)
    assert float((taps * (torch.arange(21) - 10) ** 2).sum()) == pytest.approx(3, rel=1e-4)


def test_only_the_paper_form_sees_colour() -> None:
    torch.manual_seed(0)
    tint = torch.tensor([1.0, 0.7, 0.3]).view(3, 1, 1)
    enhanced, positive = torch.rand(2, 1, 3, 16, 16) * tint
    swapped = enhanced.flip(1)
    paper, released = ColorLoss(), ColorLoss(form="released")
    assert float(paper(swapped, positive)) > 2 * float(paper(enhanced, positive))
    assert float(released(swapped, positive)) == pytest.approx(float(released(enhanced, positive)), rel=1e-5)


@pytest.mark.parametrize("form", ["paper", "released"])
def test_gradcheck(form: str) -> None:
    torch.manual_seed(0)
    enhanced, positive = torch.rand(2, 1, 3, 3, 4, dtype=torch.float64)
    enhanced.requires_grad_()
    assert torch.autograd.gradcheck(lambda e: ColorLoss(form=form)(e, positive), (enhanced,))


@pytest.mark.parametrize("form", ["paper", "released"])
def test_half_precision_does_not_change_it(form: str) -> None:
    torch.manual_seed(0)
    enhanced, positive = torch.rand(1, 3, 15, 9, requires_grad=True), torch.rand(1, 3, 15, 9)
    loss = ColorLoss(form=form)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = loss(enhanced, positive)
    value.backward()
    torch.testing.assert_close(value, loss(enhanced, positive))
    assert bool(enhanced.grad.isfinite().all())
