"""The comparison of dehazers: the example's haze, and a prior that takes some of it away."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest

import lowface_core as lf


@pytest.fixture(scope="module")
def comparison(tool: Callable[[str], ModuleType]) -> ModuleType:
    return tool("compare_dehazers")


def test_even_haze_over_a_dark_spotted_scene_is_taken_away(comparison: ModuleType) -> None:
    """The prior holds by construction: every square of the scene has a black pixel in it."""
    rng = np.random.default_rng(0)
    scene = rng.uniform(0.2, 0.8, (48, 48, 3))
    scene[::3, ::3] = 0
    scene[:6, :6] = 1.0  # sky, by which the air light is found
    hazy = scene * 0.5 + 0.9 * 0.5
    hazy[:6, :6] = 0.9
    cleared = comparison.dark_channel(hazy, omega=1.0).clip(0, 1)
    before, after = (np.abs(picture - scene)[12:, 12:].mean() for picture in (hazy, cleared))
    assert after < before / 5


def test_the_guided_filter_keeps_what_its_guide_shows(comparison: ModuleType) -> None:
    step = np.repeat(np.where(np.arange(32) < 16, 0.2, 0.8)[None], 32, axis=0)
    noisy = step + np.random.default_rng(1).normal(0, 0.05, step.shape)
    smooth = comparison.guided(step, noisy, radius=4, epsilon=1e-4)
    assert np.abs(smooth - step).mean() < np.abs(noisy - step).mean() / 3


def test_drawn_haze_is_thinned(comparison: ModuleType) -> None:
    haze = {"type": "haze", "density": (1.0, 2.0)}
    hazy = lf.build("dataset", "rendered_faces", size=64, identities=2, pictures=2, degradation=haze)
    table = comparison.compare(hazy)
    assert {*table} == {"hazed", "dark-channel prior"}
    assert table["dark-channel prior"]["psnr"] > table["hazed"]["psnr"] + 2
