"""The comparison of denoisers: the page's noise, and a denoiser that takes some of it away."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest


def test_non_local_means_takes_noise_away(tool: Callable[[str], ModuleType]) -> None:
    pytest.importorskip("skimage", reason="the denoiser is scikit-image's")
    table = tool("compare_denoisers").compare(identities=2)
    assert {*table} - {"BM3D"} == {"noisy", "non-local means"}  # BM3D's licence keeps it out of what tests install
    assert table["non-local means"]["psnr"] > table["noisy"]["psnr"] + 3
    assert table["non-local means"]["ssim"] > table["noisy"]["ssim"]
