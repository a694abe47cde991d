"""The loss: lowface's conformance suite in two lines, and what only this package knows about it."""

from __future__ import annotations

import pytest
import torch

import lowface_core as lf
from lowface_core.errors import ConfigError
from lowface_core.testing import LossContract
from lowface_exposure.exposure import ExposureLoss


class TestConformance(LossContract):
    component = "exposure"
    arguments = {"level": 0.5, "patch": 8}


@pytest.mark.parametrize(("brightness", "loss"), [(0.5, 0.0), (0.2, 0.3), (0.9, 0.4)])
def test_it_is_the_distance_from_the_level(brightness: float, loss: float):
    picture = torch.full((2, 3, 20, 30), brightness)
    assert ExposureLoss(level=0.5)(picture).item() == pytest.approx(loss, abs=1e-6)


def test_brightness_counts_by_the_patch():
    left_dark = torch.zeros(1, 3, 16, 32)
    left_dark[..., 16:] = 1
    assert ExposureLoss(level=0.5, patch=16)(left_dark).item() == pytest.approx(0.5)
    assert ExposureLoss(level=0.5, patch=32)(left_dark).item() == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("arguments", [{"level": 0.0}, {"level": 1.2}, {"patch": 0}])
def test_arguments_out_of_range_are_said_in_one_line(arguments: dict[str, float]):
    with pytest.raises(ConfigError, match=r"^loss exposure\.\w+: must be a"):
        lf.build("loss", "exposure", **arguments)
