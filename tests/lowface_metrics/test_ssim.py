"""SSIM: the released form against the released code's numbers, the valid form against scikit-image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lowface_core.errors import LowfaceError
from lowface_metrics.luma import borrow_mean, studio_luma
from lowface_metrics.ssim import SSIM, VARIANTS, ssim


def pictures(height: int = 40, width: int = 33) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    ramp = torch.linspace(0, 1, width, dtype=torch.float64).expand(3, 3, height, width)
    normal = (ramp + 0.1 * torch.randn(ramp.shape, generator=generator, dtype=torch.float64)).clamp(0, 1)
    noise = 0.1 * torch.randn(ramp.shape, generator=generator, dtype=torch.float64)
    return (0.6 * normal + noise).clamp(0, 1), normal


def test_equals_the_released_code(shared: Path) -> None:
    with np.load(shared / "oracle" / "metrics_released_code.npz") as arrays:
        image, normal = (torch.from_numpy(arrays[name]).permute(0, 3, 1, 2) for name in ("pred", "target"))
        want = arrays["ssim"]
    np.testing.assert_allclose(ssim(image, normal).numpy(), want, atol=1e-5, rtol=0)
    np.testing.assert_allclose(ssim(image.double(), normal.double()).numpy(), want, atol=1e-5, rtol=0)
    metric = SSIM()
    metric.update(image=image, normal=normal)
    assert metric.compute() == pytest.approx(want.mean(), abs=1e-5)
    assert np.abs(ssim(image, normal, "valid").numpy() - want).min() > 1e-3  # the two forms are not the same number


def as_rows(image: torch.Tensor) -> np.ndarray:
    """A picture as scikit-image takes it."""
    return image.permute(1, 2, 0).numpy()


def skimage_ssim(image: torch.Tensor, normal: torch.Tensor, **settings: object) -> list[float]:
    """scikit-image's SSIM of each pair under Wang's settings: Gaussian of 1.5, population covariance, range 1."""
    from skimage.metrics import structural_similarity

    wang = {"data_range": 1.0, "gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return [
        structural_similarity(as_rows(a), as_rows(b), channel_axis=-1, **wang)
        for a, b in zip(image, normal, strict=True)
    ]


def torchmetrics_ssim(image: torch.Tensor, normal: torch.Tensor) -> np.ndarray:
    """torchmetrics' SSIM map of each pair: Gaussian of 1.5, window 11, range 1; its mean without the 5 border pixels.

    torchmetrics' own mean is over the whole map, the border mirrored: a third definition.
    """
    from torchmetrics.functional.image import structural_similarity_index_measure as measure

    settings = {"sigma": 1.5, "kernel_size": 11, "data_range": 1.0, "reduction": "none"}
    _, similarity = measure(image, normal, return_full_image=True, **settings)
    return similarity[..., 5:-5, 5:-5].mean((1, 2, 3)).numpy()


def framed(image: torch.Tensor) -> torch.Tensor:
    """A frame of 5 black pixels turns the window that lies inside into the one that reaches over the border."""
    return torch.nn.functional.pad(image, (5, 5, 5, 5))


@pytest.mark.parametrize("theirs", [skimage_ssim, torchmetrics_ssim])
def test_every_variant_equals_two_libraries(theirs: Any) -> None:
    image, normal = pictures()
    close = {"atol": 1e-6, "rtol": 0}
    np.testing.assert_allclose(ssim(image, normal, "valid").numpy(), theirs(image, normal), **close)
    np.testing.assert_allclose(ssim(image, normal, "released").numpy(), theirs(framed(image), framed(normal)), **close)
    y = [studio_luma(picture) for picture in (image, normal)]
    np.testing.assert_allclose(ssim(image, normal, "y").numpy(), theirs(*y), **close)


def test_y_is_the_first_channel_of_scikit_images_ycbcr() -> None:
    from skimage.color import rgb2ycbcr

    image, _ = pictures()
    want = [rgb2ycbcr(as_rows(picture))[..., 0] / 255 for picture in image]
    np.testing.assert_allclose(studio_luma(image)[:, 0].numpy(), want, atol=1e-12)


@pytest.mark.parametrize("base", ["released", "valid", "y"])
def test_gt_mean_is_the_base_variant_on_the_scaled_picture(base: str) -> None:
    image, normal = pictures()
    scaled = borrow_mean(image, normal)
    assert not torch.allclose(ssim(image, normal, base), ssim(scaled, normal, base), atol=1e-3)
    torch.testing.assert_close(ssim(image, normal, f"{base}_gt_mean"), ssim(scaled, normal, base))


@pytest.mark.parametrize("variant", VARIANTS)
def test_equal_pictures_give_one_and_negatives_less(variant: str) -> None:
    image, normal = pictures()
    np.testing.assert_allclose(ssim(normal, normal, variant).numpy(), 1, atol=1e-9)
    assert (ssim(1 - normal, normal, variant) < ssim(image, normal, variant)).all()
    if not variant.endswith("gt_mean"):  # which scales the judged picture only
        np.testing.assert_allclose(ssim(image, normal, variant), ssim(normal, image, variant), atol=1e-12)


def test_flat_pictures_by_hand() -> None:
    a, b = 0.2, 0.6
    image, normal = (torch.full((1, 3, 11, 11), v, dtype=torch.float64) for v in (a, b))
    assert ssim(image, normal, "valid").item() == pytest.approx((2 * a * b + 1e-4) / (a * a + b * b + 1e-4), abs=1e-9)


def test_small_pictures() -> None:
    image, normal = pictures(8, 20)
    assert ssim(image, normal).shape == (3,)
    with pytest.raises(LowfaceError, match=r"ssim: pictures of \(8, 20\) pixels are smaller.*released"):
        ssim(image, normal, "valid")


def test_autocast_does_not_reach_in() -> None:
    image, normal = (picture.float() for picture in pictures())
    want = ssim(image, normal)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        got = ssim(image, normal)
    assert got.dtype == torch.float32
    torch.testing.assert_close(got, want, rtol=0, atol=1e-7)
