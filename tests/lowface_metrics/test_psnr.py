"""PSNR against the released code's numbers and by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lowface_core.data.images import write_image
from lowface_core.runs.results import read_result
from lowface_metrics.luma import borrow_mean
from lowface_metrics.psnr import PSNR, VARIANTS, psnr


def pictures() -> tuple[torch.Tensor, torch.Tensor]:
    """Three pairs of 37x29 pixels in float64, the second a dark and noisy form of the first."""
    generator = torch.Generator().manual_seed(3)
    normal = torch.rand(3, 3, 37, 29, generator=generator, dtype=torch.float64)
    noise = 0.05 * torch.randn(normal.shape, generator=generator, dtype=torch.float64)
    return (0.4 * normal + noise).clamp(0, 1), normal


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


def test_equal_pictures_are_infinite() -> None:
    image = torch.rand(1, 3, 8, 8)
    assert psnr(image, image).item() == float("inf")


def test_rgb_equals_scikit_image_and_torchmetrics() -> None:
    """Their settings: data range 1, all channels together, one number a picture."""
    from skimage.metrics import peak_signal_noise_ratio
    from torchmetrics.functional.image import peak_signal_noise_ratio as torchmetrics_psnr

    image, normal = pictures()
    got = psnr(image, normal).numpy()
    pairs = list(zip(image, normal, strict=True))
    want = [peak_signal_noise_ratio(b.numpy(), a.numpy(), data_range=1) for a, b in pairs]
    np.testing.assert_allclose(got, want, atol=1e-6, rtol=0)
    want = torchmetrics_psnr(image, normal, data_range=1.0, reduction="none", dim=(1, 2, 3))
    np.testing.assert_allclose(got, want.numpy(), atol=1e-6, rtol=0)


def test_y_equals_scikit_image_on_its_ycbcr() -> None:
    """Their settings: the first channel of ``rgb2ycbcr``, 16 to 235, data range 255."""
    from skimage.color import rgb2ycbcr
    from skimage.metrics import peak_signal_noise_ratio

    image, normal = pictures()
    y = [[rgb2ycbcr(p.permute(1, 2, 0).numpy())[..., 0] for p in batch] for batch in (normal, image)]
    want = [peak_signal_noise_ratio(b, a, data_range=255) for b, a in zip(*y, strict=True)]
    np.testing.assert_allclose(psnr(image, normal, "y").numpy(), want, atol=1e-6, rtol=0)


def test_gt_mean_forgives_exposure_and_nothing_else() -> None:
    _, normal = pictures()
    normal = normal * 0.8
    assert psnr(0.25 * normal, normal, "rgb").max() < 20
    assert psnr(0.25 * normal, normal, "rgb_gt_mean").min() > 200
    tinted = normal * torch.tensor([1.0, 0.5, 1.0], dtype=torch.float64).view(1, 3, 1, 1)
    assert psnr(tinted, normal, "rgb_gt_mean").max() < 20
    black = torch.zeros_like(normal)
    torch.testing.assert_close(psnr(black, normal, "rgb_gt_mean"), psnr(black, normal))


def test_gt_mean_by_hand() -> None:
    """Grey 0.2 and 0.4 against 0.6: doubled to the mean of 0.6, that is to 0.4 and 0.8."""
    image = torch.full((1, 3, 2, 2), 0.2, dtype=torch.float64)
    image[..., 1] = 0.4
    normal = torch.full((1, 3, 2, 2), 0.6, dtype=torch.float64)
    assert psnr(image, normal, "rgb_gt_mean").item() == pytest.approx(-10 * np.log10(0.2**2))
    assert borrow_mean(image, normal / 0.6).max() == 1  # 1.33, were it not clipped


def test_what_a_result_says() -> None:
    assert (PSNR("y").variant, PSNR().variant, PSNR().unit["psnr"]) == ("y", "rgb", "dB")
    assert "peeks at the reference" in " ".join((psnr.__doc__ or "").split())


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("shape", [(1, 3, 1, 1), (1, 3, 5, 1), (2, 3, 7, 13)])
def test_odd_sizes_and_half_precision(variant: str, shape: tuple[int, ...]) -> None:
    image = torch.rand(shape, generator=torch.Generator().manual_seed(0)).half().float()
    normal = (image.flip(1) * 0.5 + 0.3).half().float()
    got = psnr(image.half(), normal.half(), variant)
    assert got.dtype == torch.float32
    torch.testing.assert_close(got, psnr(image, normal, variant), atol=1e-4, rtol=0)


@pytest.mark.parametrize("variant", ["rgb", "y"])  # setting the mean brightness leaves rounding errors
@pytest.mark.parametrize("equal", [0, 1, 3])
def test_equal_pictures_are_counted_beside_the_mean_of_the_others(variant: str, equal: int) -> None:
    normal = torch.rand(4, 3, 8, 8, generator=torch.Generator().manual_seed(1)) * 0.8 + 0.1
    image = (normal + 0.05 * torch.rand(4, 3, 8, 8, generator=torch.Generator().manual_seed(2))).clamp(0, 1)
    image[:equal] = normal[:equal]
    metric, halves = PSNR(variant), (PSNR(variant), PSNR(variant))
    metric.update(image, normal)
    mean = psnr(image[equal:], normal[equal:], variant).double().mean().item()
    said = metric.compute()
    found = said if isinstance(said, dict) else {"psnr": said}
    assert found["psnr"] == pytest.approx(mean)
    assert found.get("psnr_infinite", 0) == equal
    halves[0].update(image[:2], normal[:2])
    halves[1].load_state(halves[0].state())
    halves[1].update(image[2:], normal[2:])
    assert halves[1].compute() == said


def test_only_equal_pictures_have_no_mean() -> None:
    image, metric = torch.rand(2, 3, 8, 8), PSNR()
    metric.update(image, image)
    assert metric.compute() == {"psnr": float("inf"), "psnr_infinite": 2.0}
    metric.reset()
    metric.update(image, 1 - image)
    assert isinstance(metric.compute(), float)


def test_a_result_says_how_many_are_equal(lowface: Callable[..., Any], tmp_path: Path) -> None:
    for number in range(3):
        grey = np.full((3, 16, 16), 0.2 + 0.2 * number, np.float32)
        write_image(tmp_path / "normal" / f"p{number}.png", grey)
        write_image(tmp_path / "mine" / f"p{number}.png", grey if number == 1 else grey + 0.1)
    words = ("evaluate", "--enhanced", "mine", "--reference", "normal", "--metrics", "psnr", "--work-dir", "out")
    done = lowface(*words)
    assert done.code == 0, done.err
    header, details, row = done.out.splitlines()[1:4]
    assert header.split() == ["psnr", "psnr_infinite"]
    assert details.split("  ")[-1].strip() == "↑ rgb, pictures equal to their reference"
    assert row.split()[2] == "1.0000"
    assert float(row.split()[1]) == pytest.approx(20, abs=0.3)
    columns = read_result(tmp_path / "out")["columns"]
    assert (columns["psnr"]["unit"], columns["psnr_infinite"]["number"]) == ("dB", "psnr_infinite")
