"""Every part of the package passes lowface's conformance suite for its kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lowface_core.testing import DatasetContract, EnhancerContract, HeadContract, LossContract, MetricContract
from lowface_sr4ir.resnet_ladder import ResNetLadderNet


class Scores(nn.Module):
    """Stands for the ladder's top: logits of a thumbnail."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel = nn.Parameter(torch.randn(48, 10, generator=torch.Generator().manual_seed(0)))

    def forward(self, image: Tensor, layer: str) -> Tensor:
        assert layer == "logits"
        return nn.functional.adaptive_avg_pool2d(image, 4).flatten(1) @ self.kernel


class TestPatterns(DatasetContract):
    component = "patterns"
    arguments = {"count": 16, "size": 16, "degradation": {"type": "gamma_noise"}}
    changed = {"first": 100}
    has_gallery = False


class TestBrighteningNet(EnhancerContract):
    component = "brightening_net"
    arguments = {"channels": 4}
    whole_picture = "the brightness is that of the whole picture"


class TestReferenceL1(LossContract):
    component = "reference_l1"


class TestMixedClassification(LossContract):
    component = "mixed_classification"
    random = True

    def heads(self) -> dict[str, Any]:
        return {"classifier": Scores()}


class TestTop1(MetricContract):
    component = "top1"

    def heads(self) -> dict[str, Any]:
        return {"classifier": Scores()}


class TestResNetLadder(HeadContract):
    component = "resnet_ladder"
    arguments = {"classes": 3}

    def weights(self) -> Path:
        """Random ones: the suite asks for a file, as every head does."""
        path = self.folder / "random.pth"
        with torch.random.fork_rng():
            torch.manual_seed(0)
            torch.save(ResNetLadderNet(3).state_dict(), path)
        return path
