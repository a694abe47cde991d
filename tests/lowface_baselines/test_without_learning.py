"""Gain, histogram equalisation, CLAHE and LIME: the methods without learning."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from scipy.sparse.linalg import spsolve
from torch import Tensor

import lowface_core as lf
from lowface_baselines.grid_system import division, solve
from lowface_baselines.lime import LIME
from lowface_core.data.images import read_image, write_image
from lowface_core.inference import LoadedEnhancer, load_enhancer
from lowface_core.testing import tiny_batch

BY_PICTURE = ["histogram_equalization", "clahe", "lime"]


def enhanced(name: str, low: Tensor, **arguments: Any) -> Tensor:
    result: Tensor = lf.build("enhancer", name, **arguments)(low)["enhanced"]
    return result


def dark(height: int, width: int, pictures: int = 1) -> Tensor:
    return 0.2 * torch.rand(pictures, 3, height, width, generator=torch.Generator().manual_seed(height * width))


def test_a_gain_multiplies_clips_and_tiles_exactly() -> None:
    low = torch.tensor([0.0, 0.1, 0.2, 0.6]).reshape(1, 1, 2, 2).expand(1, 3, 2, 2)
    assert torch.allclose(enhanced("gain", low, factor=3.0)[0, 1].flatten(), torch.tensor([0.0, 0.3, 0.6, 1.0]))
    assert torch.equal(enhanced("gain", low, factor=1.0), low)
    network = load_enhancer("gain", {"factor": 2.5})
    large = dark(70, 45)
    assert torch.equal(LoadedEnhancer(network.enhancer, tile=32)(large), network(large))
    assert lf.build("enhancer", "gain").receptive_radius == 0


@pytest.mark.parametrize("name", BY_PICTURE)
@pytest.mark.parametrize("size", [(1, 1), (1, 70), (70, 1), (2, 3), (13, 31)])
def test_any_size_each_picture_for_itself_without_gradient(name: str, size: tuple[int, int]) -> None:
    low = dark(*size, pictures=3).requires_grad_(True)
    result = enhanced(name, low)
    assert result.shape == low.shape
    assert result.dtype == low.dtype
    assert not result.requires_grad
    assert 0 <= float(result.min()) <= float(result.max()) <= 1
    for index in range(3):
        assert torch.equal(enhanced(name, low[index : index + 1])[0], result[index])


@pytest.mark.parametrize("name", BY_PICTURE)
def test_brightens_a_face_and_keeps_grey_grey(name: str) -> None:
    low = tiny_batch(48, 40, 2)["low"]
    assert float(enhanced(name, low).mean()) > 1.2 * float(low.mean())
    grey = enhanced(name, low.mean(1, keepdim=True).expand(-1, 3, -1, -1))
    assert float((grey.amax(1) - grey.amin(1)).max()) <= 1e-6


@pytest.mark.parametrize("name", BY_PICTURE)
def test_enhances_from_the_command_line(name: str, lowface: Callable[..., Any], tmp_path: Path) -> None:
    picture = tiny_batch(33, 47, 1)["low"]
    write_image(tmp_path / "dark.png", picture[0].numpy())
    result = lowface("enhance", "dark.png", "-o", "bright.png", "--checkpoint", name)
    assert result.code == 0, result.err
    expected = enhanced(name, torch.from_numpy(read_image(tmp_path / "dark.png"))[None])[0].numpy()
    assert np.abs(read_image(tmp_path / "bright.png") - expected).max() <= 0.5 / 255 + 1e-6


def test_histogram_equalization_spreads_the_levels() -> None:
    ramp = torch.linspace(0.05, 0.15, 64).reshape(1, 1, 8, 8).expand(1, 3, 8, 8)
    result = enhanced("histogram_equalization", ramp)
    assert float(result.min()) == 0.0
    assert float(result.max()) == 1.0
    flat = torch.full((1, 3, 5, 4), 51 / 255)
    assert torch.allclose(enhanced("histogram_equalization", flat), flat)


def test_clahe_is_opencvs_on_the_luma_and_its_limit_limits() -> None:
    low = tiny_batch(64, 64, 1)["low"]
    pixels = (low[0].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    planes = cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb)
    planes[..., 0] = cv2.createCLAHE(3.0, (4, 4)).apply(planes[..., 0].copy())
    expected = cv2.cvtColor(planes, cv2.COLOR_YCrCb2RGB)
    result = enhanced("clahe", low, clip_limit=3.0, grid=4)
    assert np.array_equal((result[0].permute(1, 2, 0).numpy() * 255).round(), expected)
    assert float(enhanced("clahe", low, clip_limit=8.0).std()) > float(enhanced("clahe", low, clip_limit=1.0).std())


def test_lime_agrees_with_the_published_solver(shared: Path) -> None:
    arrays = np.load(shared / "oracle" / "baselines.npz")
    low = torch.from_numpy(arrays["input"].transpose(0, 3, 1, 2))
    result = enhanced("lime", low, gamma=0.6, lambda_=0.15, sigma=3.0).permute(0, 2, 3, 1).numpy()
    assert (
        np.abs(result - arrays["lime_gamma0.6_lambda0.15"]).mean() <= 1e-6
    )  # 5e-3 would do; the same system is solved


def test_limes_keywords_do_what_they_say() -> None:
    low = dark(24, 20).clamp(min=0.01)
    assert torch.allclose(enhanced("lime", low, gamma=0.0), low)
    largest = low.amax(1, keepdim=True)
    assert torch.allclose(enhanced("lime", low, lambda_=0.0, gamma=1.0), low / largest, atol=1e-5)
    first = largest[0, 0].double().numpy()
    spread = [LIME(lambda_=strength).refine(first).std() for strength in (0.0, 0.001, 0.1)]
    assert spread[0] > spread[1] > spread[2]


@pytest.mark.parametrize("size", [(1, 1), (1, 90), (90, 1), (2, 3), (8, 8), (37, 53), (96, 80), (129, 130)])
def test_the_system_of_a_picture_is_solved(tool: Callable[[str], ModuleType], size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    across, down = 10.0 ** rng.uniform(-3, 6, (2, *size))  # from almost no to almost rigid coupling, as in pictures
    values = rng.random(size)
    matrix = tool("lime_by_loop").matrix_by_loop(across, down)
    at_once = tool("lime_by_loop").matrix_at_once(across, down)
    assert abs(at_once - matrix).max() <= 1e-12 * abs(matrix).max()
    expected = spsolve(matrix.tocsc(), values.ravel()).reshape(size)
    np.testing.assert_allclose(solve(across, down, values), expected, rtol=1e-7)


def test_the_division_holds_every_pixel_once() -> None:
    for height, width in [(1, 1), (1, 200), (200, 1), (37, 53), (128, 127)]:
        pixels = [
            (y + v, x + u)
            for level in division(height, width)
            for blocks in level
            for y, x in blocks.origins
            for v, u in blocks.inside
        ]
        assert sorted(pixels) == [(y, x) for y in range(height) for x in range(width)]
    assert division(9, 9) is division(9, 9)


@pytest.mark.slow
def test_lime_at_512x512_takes_seconds_not_minutes() -> None:
    """About a second of processor time on one core; the bound leaves room for machines several times slower."""
    low, lime = tiny_batch(512, 512, 1)["low"], LIME()
    took = []
    for _ in range(3):
        started = time.process_time()
        lime(low)
        took.append(time.process_time() - started)
    assert min(took) <= 8
