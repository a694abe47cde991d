"""The comparison of denoisers: the page's noise, and a denoiser that takes some of it away."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest


def test_non_local_means_takes_noise_away(root: Path) -> None:
    pytest.importorskip("skimage", reason="the denoiser is scikit-image's")
    spec = importlib.util.spec_from_file_location("compare_denoisers", root / "tools" / "compare_denoisers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    table = module.compare(identities=2)
    assert {*table} - {"BM3D"} == {"noisy", "non-local means"}  # BM3D's licence keeps it out of what tests install
    assert table["non-local means"]["psnr"] > table["noisy"]["psnr"] + 3
    assert table["non-local means"]["ssim"] > table["noisy"]["ssim"]
