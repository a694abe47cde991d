"""Brightness CR against the released code's arrays and hand-computed cases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from lowface_contrast.brightness_cr import BrightnessCR


def flat(*levels: float) -> Tensor:
    """One evenly grey 6x5 picture a level."""
    return torch.tensor(levels, dtype=torch.float64).view(-1, 1, 1, 1).expand(-1, 3, 6, 5)


def test_released_form_is_the_released_codes(released: dict[str, Tensor], as_released: Callable[..., None]) -> None:
    loss = BrightnessCR(form="released")
    as_released("brightness_cr", lambda enhanced: loss(enhanced, released["positive"], released["negative"]))


def test_paper_form_by_hand() -> None:
    loss = BrightnessCR(eps=0.0)(flat(0.4, 0.5), flat(0.5, 0.5), flat(0.2, 0.1))
    assert float(loss) == pytest.approx((0.1 / 0.2 + 0.0) / 2)


def test_paper_form_reads_one_number_a_picture() -> None:
    torch.manual_seed(0)
    enhanced = torch.rand(2, 3, 6, 5, dtype=torch.float64)
    shuffled = enhanced.flatten(1)[:, torch.randperm(90)].view_as(enhanced)
    others = flat(0.6, 0.7), flat(0.1, 0.2)
    loss = {form: BrightnessCR(form=form) for form in ("paper", "released")}
    assert float(loss["paper"](enhanced, *others)) == pytest.approx(float(loss["paper"](shuffled, *others)))
    assert float(loss["released"](enhanced, *others)) != pytest.approx(float(loss["released"](shuffled, *others)))


@pytest.mark.parametrize("form", ["paper", "released"])
def test_falls_as_the_picture_nears_the_positive(form: str) -> None:
    torch.manual_seed(0)
    positive, negative = torch.rand(2, 3, 8, 8) * 0.5 + 0.4, torch.rand(2, 3, 8, 8) * 0.2
    loss = BrightnessCR(form=form)
    values = [float(loss(torch.lerp(negative, positive, t), positive, negative)) for t in (0.3, 0.6, 0.9, 1.0)]
    assert values == sorted(values, reverse=True)
    assert values[-1] == pytest.approx(0.0, abs=1e-6)


def test_without_negatives_is_the_distance() -> None:
    loss = BrightnessCR(negatives=False)(flat(0.4, 0.5), flat(0.5, 0.8), flat(0.4, 0.5))
    assert float(loss) == pytest.approx(0.2)


@pytest.mark.parametrize("form", ["paper", "released"])
def test_gradcheck(form: str) -> None:
    torch.manual_seed(0)
    enhanced, positive, negative = torch.rand(3, 2, 3, 3, 4, dtype=torch.float64)
    enhanced.requires_grad_()
    assert torch.autograd.gradcheck(lambda e: BrightnessCR(form=form)(e, positive, negative), (enhanced,))


@pytest.mark.parametrize("form", ["paper", "released"])
def test_finite_at_the_negative_and_at_one_pixel(form: str) -> None:
    enhanced = torch.full((1, 3, 1, 1), 0.25, requires_grad=True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = BrightnessCR(form=form)(enhanced, torch.rand(1, 3, 1, 1), enhanced.detach())
    loss.backward()
    assert bool(loss.isfinite())
    assert bool(enhanced.grad.isfinite().all())


def test_logs_the_brightness() -> None:
    loss = BrightnessCR()
    loss(flat(0.2, 0.4), flat(0.5, 0.7), flat(0.1, 0.1))
    assert loss.logged == pytest.approx({"enhanced": 0.3, "positive": 0.6})
