"""PSNR against the released code's numbers and by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from lowface_metrics.psnr import PSNR, psnr


def test_equals_the_released_code(shared: Path) -> None:
    with np.load(shared / "oracle" / "metrics_released_code.npz") as arrays:
        image, normal = (torch.from_numpy(arrays[name]).permute(0, 3, 1, 2) for name in ("pred", "target"))
        want = arrays["psnr"]
    np.testing.assert_allclose(psnr(image, normal).numpy(), want, atol=1e-5, rtol=0)
    metric = PSNR()
    metric.update(image=image, normal=normal)
    assert metric.compute() == pytest.approx(want.mean(), abs=1e-5)


@pytest.mark.parametrize(("difference", "decibels"), [(1.0, 0.0), (0.1, 20.0), (0.01, 40.0)])
def test_constant_difference(difference: float, decibels: float) -> None:
    image = torch.zeros(2, 3, 8, 8)
    assert psnr(image, image + difference).tolist() == pytest.approx([decibels] * 2, abs=1e-4)


def test_each_picture_has_its_own_number() -> None:
    normal = torch.zeros(2, 3, 4, 4)
    image = torch.stack((normal[0] + 0.1, normal[1] + 1))
    metric = PSNR()
    metric.update(image=image, normal=normal)
    assert metric.compute() == pytest.approx(10, abs=1e-4)  # pooled errors would give 2.97


def test_equal_pictures_are_infinite() -> None:
    image = torch.rand(1, 3, 8, 8)
    assert psnr(image, image).item() == float("inf")


def test_half_precision_is_judged_in_single() -> None:
    image = torch.full((1, 3, 64, 64), 0.5)
    assert psnr((image + 0.0078125).half(), image.half()).item() == pytest.approx(42.144, abs=0.01)
