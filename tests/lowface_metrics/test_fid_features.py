"""Fréchet distance in a head's features: real ones where the shared weights are, drawn ones elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import lowface_core as lf
from lowface_core.errors import ConfigError, LowfaceError
from lowface_fidelity.vgg16 import VGGLadder
from lowface_metrics.fid_features import FIDFeatures, fingerprint


def ladder(seed: int = 0) -> VGGLadder:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return VGGLadder(((4, 1), (6, 1)))


def test_real_features_rank_real_damage(shared: Path, faces: list[np.ndarray]) -> None:
    """Darker pictures are farther from the references than brighter ones, and the references are nearest themselves."""
    head = {"type": "mobilenet_v1", "weights": str(shared / "weights" / "mobilenetv1_x0.25_imagenet.tar")}
    normal = torch.stack([torch.from_numpy(face[:, ::2, ::2].copy()) for face in faces[:10]])
    distances = []
    for gain in (1.0, 0.7, 0.4, 0.1):
        metric = lf.build("metric", "fid_features", features=head, layer="stage3")
        metric.update(image=gain * normal, normal=normal)
        distances.append(metric.compute())
    assert distances[0] == pytest.approx(0, abs=1e-3)
    assert distances == sorted(distances)
    assert metric.variant.startswith("features:MobileNetV1/stage3-")


def test_the_variant_names_head_layer_and_weights() -> None:
    variants = {FIDFeatures(ladder(seed), layer).variant for seed in (0, 1) for layer in ("relu1_1", "relu2_1")}
    assert len(variants) == 4
    assert FIDFeatures(ladder(), "relu2_1").variant == f"features:VGGLadder/relu2_1-{fingerprint(ladder())}"


def test_features_are_means_over_pixels() -> None:
    head = ladder()
    metric = FIDFeatures(head, "relu2_1")
    image = torch.rand(3, 3, 9, 11, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(metric.features(image), head(image, "relu2_1").mean((2, 3)))
    assert not any(p.requires_grad for p in head.parameters())
    metric.update(image=image, normal=image[..., 1:])  # sets, not pairs: sizes need not be equal
    assert np.isfinite(metric.compute())


def test_what_is_no_feature_head_or_layer() -> None:
    with pytest.raises(ConfigError, match=r"fid_features.features: Conv2d is not a feature head; use one with layers"):
        FIDFeatures(torch.nn.Conv2d(3, 3, 1), "stage3")
    with pytest.raises(LowfaceError, match=r"has no layer 'relu2_2'; did you mean 'relu2_1'"):
        FIDFeatures(ladder(), "relu2_2")
    with pytest.raises(ConfigError, match=r"metric fid_features.features: missing"):
        lf.build("metric", "fid_features", layer="stage3")
