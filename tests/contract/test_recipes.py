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


def test_the_recipe_for_the_dark_learns_on_real_faces(process: Any, tmp_path: Path, shared: Path) -> None:
    roots = [f"data_root={shared / 'data'}", f"weights_root={shared / 'weights'}"]
    shorter = ["max_iters=100", "ema=0.95", "test_dataset.limit=40", "log_interval=10"]  # a thirtieth of the recipe
    words = ("train", "lowfacenet_night", "--work-dir", "run", "--cfg-options", *roots, *shorter)
    said = process(*words, cwd=tmp_path, OMP_NUM_THREADS="2")
    assert said.code == 0, said.err
    table = json.loads((tmp_path / "run" / "summary.json").read_text())["test"]
    assert table["enhanced"]["psnr"] >= table["low"]["psnr"] + 6
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    detail = [line["loss/detail"] for line in lines if line["split"] == "train"]
    assert sum(detail) / len(detail) < 0.028  # it goes on from weights that take noise out already


def test_the_recipe_for_the_dark_needs_no_photograph(process: Any, tmp_path: Path) -> None:
    words = ("train", "night_rendered", "--work-dir", "run", "--cfg-options", "max_iters=12", "log_interval=3")
    said = process(*words, "enhancer.size=small", cwd=tmp_path, OMP_NUM_THREADS="2", LOWFACE_OFFLINE="1")
    assert said.code == 0, said.err
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert {"loss/charbonnier", "loss/detail", "loss/embedding"} < set(lines[0])
