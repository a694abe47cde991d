"""Averages are over pictures, whatever the batches."""

from __future__ import annotations

import pytest
import torch

from lowface_core.errors import LowfaceError
from lowface_metrics.per_picture import PictureMean, check_pair
from lowface_metrics.psnr import PSNR
from lowface_metrics.ssim import SSIM


@pytest.mark.parametrize("metric", [PSNR(), SSIM(), SSIM("valid")])
def test_batches_do_not_change_the_mean(metric: PictureMean) -> None:
    generator = torch.Generator().manual_seed(0)
    image, normal = torch.rand(2, 5, 3, 16, 16, generator=generator)
    image[4] = normal[4] * 0.9
    metric.update(image=image, normal=normal)
    whole = metric.compute()
    metric.reset()
    metric.update(image=image[:4], normal=normal[:4])
    metric.update(image=image[4:], normal=normal[4:])
    assert metric.compute() == pytest.approx(whole, rel=1e-6)


@pytest.mark.parametrize(("metric", "name"), [(PSNR(), "psnr"), (SSIM(), "ssim")])
def test_no_picture_is_an_error_also_after_reset(metric: PictureMean, name: str) -> None:
    with pytest.raises(LowfaceError, match=f"{name}: no picture"):
        metric.compute()
    metric.update(image=torch.zeros(1, 3, 12, 12), normal=torch.ones(1, 3, 12, 12))
    metric.compute()
    metric.reset()
    with pytest.raises(LowfaceError, match=f"{name}: no picture"):
        metric.compute()


@pytest.mark.parametrize("shape", [(1, 3, 8, 8), (2, 3, 8, 9), (2, 1, 8, 8), (3, 8, 8)])
def test_shapes_that_would_broadcast_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(LowfaceError, match=r"psnr: image is .* and normal \(2, 3, 8, 8\)"):
        check_pair("psnr", torch.zeros(shape), torch.zeros(2, 3, 8, 8))
