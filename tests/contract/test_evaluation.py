"""Evaluating hundreds of pictures: memory does not grow with them, and a kill costs nothing but time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PAIRS = 800
ALLOWED_MIB = 1536


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_800_pairs_take_no_more_memory_than_8_and_survive_a_kill(
    shared: Path, process: Callable[..., Any], start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    faces = shared / "data" / "celeba-face"
    made = process("synthesize", faces, "pairs", "--preset", "lowfacenet-train", "--format", "jpg", cwd=tmp_path)
    assert made.code == 0, made.err
    few = [path.name for path in sorted((tmp_path / "pairs" / "normal").iterdir())[:8]]
    for folder in ("underexposed", "normal"):
        (tmp_path / "few" / folder).mkdir(parents=True)
        for name in few:
            (tmp_path / "few" / folder / name).symlink_to(tmp_path / "pairs" / folder / name)

    def words(pairs: str, work_dir: str) -> list[str]:
        what = ["--enhanced", f"{pairs}/underexposed", "--reference", f"{pairs}/normal", "--metrics", "psnr,ssim"]
        return ["evaluate", *what, "--work-dir", work_dir, "--device", "cpu"]

    results = {}
    for pairs in ("few", "pairs"):
        done = process(*words(pairs, f"of_{pairs}"), cwd=tmp_path)
        assert done.code == 0, done.err
        results[pairs] = json.loads((tmp_path / f"of_{pairs}" / "result.json").read_text())
    assert (results["few"]["pictures"], results["pairs"]["pictures"]) == (8, PAIRS)
    grown = results["pairs"]["manifest"]["peak_memory_mib"] - results["few"]["manifest"]["peak_memory_mib"]
    print(f"{PAIRS} pairs take {grown} MiB more than 8")
    assert grown <= ALLOWED_MIB

    with start(*words("pairs", "cut"), cwd=tmp_path) as running:
        lines, state = tmp_path / "cut" / "pictures.jsonl", tmp_path / "cut" / ".unfinished" / "state.pth"
        # the state is saved by the clock: a quick machine may be halfway before the first time
        while running.poll() is None and not (
            state.is_file() and lines.is_file() and lines.read_bytes().count(b"\n") >= PAIRS // 2
        ):
            time.sleep(0.1)
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate(timeout=60)
    assert not (tmp_path / "cut" / "result.json").exists()
    done = process(*words("pairs", "cut"), cwd=tmp_path)
    assert done.code == 0, done.err
    assert "cut: continuing after" in done.err
    again = json.loads((tmp_path / "cut" / "result.json").read_text())
    for result in (again, results["pairs"]):
        assert result.pop("manifest")
    assert json.dumps({**again, "title": ""}) == json.dumps({**results["pairs"], "title": ""})
    for name in ("pictures.jsonl", "pictures/index.json"):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "of_pairs" / name).read_bytes()
