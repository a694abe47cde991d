"""Perceptual loss against the released code's arrays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from lowface_fidelity.perceptual import PerceptualLoss
from lowface_fidelity.small_features import SmallFeaturesNet
from lowface_fidelity.vgg16 import VGG16


def test_is_the_released_codes(oracle_vgg: Path, released: dict[str, Tensor], as_released: Callable[..., None]) -> None:
    # In double precision: in single, ReLUs that flip by rounding move this tiny gradient by 6e-4.
    vgg, low = VGG16(oracle_vgg).eval().requires_grad_(False).double(), released["low"].double()
    as_released("perceptual", lambda enhanced: PerceptualLoss()(low, enhanced, vgg), dtype=torch.float64)


def test_by_hand_and_the_layer_asked_for() -> None:
    asked = []

    def head(image: Tensor, layer: str) -> Tensor:
        asked.append(layer)
        return 2 * image

    low, enhanced = torch.full((1, 3, 2, 2), 0.1), torch.full((1, 3, 2, 2), 0.6)
    assert float(PerceptualLoss("relu2_1")(low, enhanced, head)) == pytest.approx(1.0)
    assert set(asked) == {"relu2_1"}


def test_gradcheck_and_gradient_only_to_the_enhanced_picture() -> None:
    torch.manual_seed(0)
    vgg = SmallFeaturesNet((2, 2, 2, 2)).double()
    low, enhanced = (torch.rand(1, 3, 9, 8, dtype=torch.float64, requires_grad=True) for _ in range(2))
    PerceptualLoss()(low, enhanced, vgg).backward()
    assert low.grad is None
    assert torch.autograd.gradcheck(lambda e: PerceptualLoss()(low, e, vgg), (enhanced,))


def test_small_differences_count_in_half_precision() -> None:
    low, enhanced = torch.zeros(1, 1, 2, 2).half(), torch.full((1, 1, 2, 2), 1e-4).half()
    assert float(PerceptualLoss()(low, enhanced, lambda picture, layer: picture)) == pytest.approx(1e-8, rel=1e-2)
