"""Every part of the package passes lowface's conformance suite for its kind."""

from __future__ import annotations

from pathlib import Path

import timm
import torch

from lowface_core.testing import (
    DatasetContract,
    DegradationContract,
    EnhancerContract,
    HeadContract,
    LossContract,
    MetricContract,
)

PEOPLE = {"type": "rendered_faces", "size": 16, "identities": 2, "pictures": 4, "degradation": {"type": "fog_banks"}}


class TestFogBanks(DegradationContract):
    component = "fog_banks"


class TestScatteringNet(EnhancerContract):
    component = "scattering_net"
    arguments = {"channels": 4}
    whole_picture = "the airlight is estimated from the whole picture"


class TestPixelL1(LossContract):
    component = "pixel_l1"


class TestClassification(LossContract):
    component = "classification"


class TestAccuracy(MetricContract):
    component = "accuracy"


class TestFold(DatasetContract):
    component = "fold"
    arguments = {"part": "train", "folds": 2, "dataset": PEOPLE}
    changed = {"part": "test"}


class TestIdentityClassifier(HeadContract):
    component = "identity_classifier"
    arguments = {"model": "resnet10t", "num_classes": 3}

    def weights(self) -> Path:
        """Random ones: the suite asks for a file, as every head does."""
        path = self.folder / "random.pth"
        with torch.random.fork_rng():
            torch.manual_seed(0)
            torch.save(timm.create_model("resnet10t", num_classes=3).state_dict(), path)
        return path
