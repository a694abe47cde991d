"""Feature CR against the released code's arrays, separate passes through the network, and hand-computed cases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from lowface_contrast.feature_cr import FeatureCR
from lowface_core.errors import ConfigError
from lowface_fidelity.small_features import SmallFeaturesNet
from lowface_fidelity.vgg16 import VGG16


def pixels(image: Tensor, layer: str) -> Tensor:
    """A feature head without a network: the picture, times the number at the end of the layer's name."""
    return image * float(layer[-1])


def test_is_the_released_codes(oracle_vgg: Path, released: dict[str, Tensor], as_released: Callable[..., None]) -> None:
    vgg = VGG16(oracle_vgg).eval().requires_grad_(False)
    positive, negative = released["positive"], released["negative"]
    as_released("feature_cr", lambda enhanced: FeatureCR()(enhanced, positive, negative, vgg))


def test_by_hand() -> None:
    enhanced, positive, negative = (torch.full((2, 3, 4, 4), level, dtype=torch.float64) for level in (0.5, 0.6, 0.1))
    loss = FeatureCR(layers=("a1", "b2"), layer_weights=(0.5, 2.0), eps=0.0)
    assert float(loss(enhanced, positive, negative, pixels)) == pytest.approx(2.5 * 0.1 / 0.4)
    loss = FeatureCR(layers=("a1", "b2"), layer_weights=(0.5, 2.0), negatives=False)
    assert float(loss(enhanced, positive, negative, pixels)) == pytest.approx(0.5 * 0.1 + 2.0 * 0.2)


def test_against_separate_passes() -> None:
    torch.manual_seed(0)
    vgg = SmallFeaturesNet((4, 4, 4, 4)).double().requires_grad_(False)
    enhanced, positive, negative = torch.rand(3, 2, 3, 17, 13, dtype=torch.float64)
    expected = 0.0
    for layer, weight in (("relu1_2", 1 / 32), ("relu2_2", 1 / 16), ("relu3_3", 1 / 8)):
        e, p, n = (vgg(image, layer) for image in (enhanced, positive, negative))
        expected += weight * float((e - p).abs().mean() / ((e - n).abs().mean() + 1e-7))
    assert float(FeatureCR()(enhanced, positive, negative, vgg)) == pytest.approx(expected)


def test_no_gradient_reaches_the_contrast_pictures() -> None:
    pictures = [torch.rand(1, 3, 9, 9, requires_grad=True) for _ in range(3)]
    FeatureCR()(*pictures, SmallFeaturesNet((2, 2, 2, 2))).backward()
    assert [picture.grad is not None for picture in pictures] == [True, False, False]


def test_gradcheck() -> None:
    torch.manual_seed(0)
    vgg = SmallFeaturesNet((2, 2, 2, 2)).double()
    enhanced, positive, negative = torch.rand(3, 1, 3, 5, 4, dtype=torch.float64)
    enhanced.requires_grad_()
    assert torch.autograd.gradcheck(lambda e: FeatureCR()(e, positive, negative, vgg), (enhanced,))


def test_every_layer_has_a_weight() -> None:
    with pytest.raises(ConfigError, match="same length"):
        FeatureCR(layers=("relu1_2",))
