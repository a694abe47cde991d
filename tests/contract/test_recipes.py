"""The recipes, run whole: the figures that the README and docs/celeba.md promise, with room for other seeds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]  # minutes each on a slow machine


def test_the_default_recipe_brightens_rendered_faces_it_has_not_seen(process: Any, tmp_path: Path) -> None:
    done = process("train", "lowfacenet", "--work-dir", "run", cwd=tmp_path, LOWFACE_OFFLINE="1", OMP_NUM_THREADS="2")
    assert done.code == 0, done.err
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    low, enhanced = summary["test"]["low"], summary["test"]["enhanced"]
    assert enhanced["psnr"] >= low["psnr"] + 6
    assert enhanced["ssim"] > low["ssim"]
    assert enhanced["rank1"] > low["rank1"]
    assert summary["peak_memory_mib"] <= 6 * 1024


def test_the_real_recipe_brightens_real_faces_it_has_not_seen(process: Any, tmp_path: Path, shared: Path) -> None:
    roots = [f"data_root={shared / 'data' / 'celeba-face'}", f"weights_root={shared / 'weights'}"]
    shorter = ["max_iters=150"]  # a quarter of the recipe
    done = process(
        "train",
        "lowfacenet_celeba",
        "--work-dir",
        "run",
        "--cfg-options",
        *roots,
        *shorter,
        cwd=tmp_path,
        OMP_NUM_THREADS="2",
    )
    assert done.code == 0, done.err
    table = json.loads((tmp_path / "run" / "summary.json").read_text())["test"]
    assert table["enhanced"]["psnr"] >= 18
    assert table["enhanced"]["ssim"] >= 0.83
    assert table["enhanced"]["undetected"] <= table["low"]["undetected"]
