"""Brightness and its distance to the reference's, by hand."""

from __future__ import annotations

import pytest
import torch

from lowface_core.errors import LowfaceError
from lowface_metrics.brightness import Brightness, BrightnessError, brightness


def test_weights_of_the_colours() -> None:
    colours = torch.eye(3).view(3, 3, 1, 1).expand(3, 3, 4, 5)
    assert brightness(colours).tolist() == pytest.approx([0.299, 0.587, 0.114], abs=1e-6)
    assert brightness(torch.ones(1, 3, 1, 1)).item() == pytest.approx(1, abs=1e-6)


def test_too_dark_and_too_bright_do_not_cancel() -> None:
    image = torch.stack([torch.full((3, 3, 3), 0.2), torch.full((3, 3, 3), 0.8)])
    normal = torch.full((2, 3, 3, 3), 0.5)
    error, mean = BrightnessError(), Brightness()
    assert error.update(image=image, normal=normal)["brightness_error"].tolist() == pytest.approx([0.3, 0.3])
    mean.update(image=image)
    assert error.compute() == pytest.approx(0.3)
    assert mean.compute() == pytest.approx(0.5)


def test_half_precision_and_shapes() -> None:
    assert brightness(torch.full((1, 3, 99, 101), 0.3).half()).item() == pytest.approx(0.3, abs=1e-3)
    with pytest.raises(LowfaceError, match="brightness_error: image is"):
        BrightnessError().update(image=torch.zeros(1, 3, 4, 4), normal=torch.zeros(1, 3, 4, 5))
