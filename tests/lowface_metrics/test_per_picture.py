"""Averages are over pictures, whatever the batches."""

from __future__ import annotations

import pytest
import torch

from lowface_core.errors import LowfaceError
from lowface_metrics.brightness import Brightness, BrightnessError
from lowface_metrics.per_picture import PictureMean, check_pair, check_picture, to_bytes
from lowface_metrics.psnr import PSNR
from lowface_metrics.ssim import SSIM


@pytest.mark.parametrize("metric", [PSNR(), SSIM(), SSIM("valid"), BrightnessError()])
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


def test_a_metric_goes_on_from_its_state() -> None:
    image, normal = torch.rand(2, 6, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    whole, first, second = SSIM(), SSIM(), SSIM()
    whole.update(image=image[:4], normal=normal[:4])
    whole.update(image=image[4:], normal=normal[4:])
    first.update(image=image[:4], normal=normal[:4])
    second.load_state(first.state())
    second.update(image=image[4:], normal=normal[4:])
    assert second.compute() == whole.compute()


def test_update_returns_each_pictures_number_under_the_metrics_name() -> None:
    told = Brightness().update(image=torch.stack([torch.zeros(3, 2, 2), torch.ones(3, 2, 2)]))
    assert list(told) == ["brightness"]
    assert told["brightness"].tolist() == pytest.approx([0, 1])


def test_small_and_misshaped_pictures() -> None:
    with pytest.raises(LowfaceError, match=r"loe: a picture of 20x8 pixels is too small; 9x9 at least"):
        check_picture("loe", torch.zeros(1, 3, 8, 20), smallest=9)
    with pytest.raises(LowfaceError, match=r"loe: image is \(3, 8, 20\); it must be"):
        check_picture("loe", torch.zeros(3, 8, 20))


def test_rounding_to_8_bits_inverts_reading_them() -> None:
    levels = torch.arange(256)
    assert (to_bytes(levels / 255) == levels).all()
    assert to_bytes(torch.tensor([-1.0, 2.0, 0.5 / 255 - 1e-4])).tolist() == [0, 255, 0]
