"""The step benchmark runs and its figures have the shape that benchmarks/ reports."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lowface_core.config.load import load


@pytest.fixture
def bench(
    root: Path, tool: Callable[[str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """Runs the tool once, in this process; returns the figures it wrote."""
    monkeypatch.syspath_prepend(root / "tools")
    module = tool("bench_step")
    path = tmp_path / "out.json"

    def run(*words: str) -> Any:
        # the file comes first: --cfg-options takes every word after it
        once = ["--runs", "1", "--warmup", "0", "--json", str(path)]
        monkeypatch.setattr(sys, "argv", ["bench_step.py", *once, *words])
        module.main()
        return json.loads(path.read_text())

    return run


def test_a_step_part_by_part(bench: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    small = ["--size", "48", "--batch", "2", "--cfg-options", "train_dataset.identities=3", "device=cpu"]
    content = bench("lowfacenet", *small)
    parts = content["parts"]
    losses = {f"{name} forward" for name in load("lowfacenet")["losses"]}
    assert set(parts) == {"whole step", "data", "enhancer forward", *losses, "backward", "optimizer"}
    inner = sum(row["median_ms"] for name, row in parts.items() if name != "whole step")
    assert 0.5 * parts["whole step"]["median_ms"] < inner <= parts["whole step"]["median_ms"]
    assert content["picture"] == "2x3x48x48"
    assert content["peak_memory_mib"] > 100
    assert {"cores", "threads", "torch", "git_commit"} <= set(content["machine"])
    assert "backward" in capsys.readouterr().out


def test_both_implementations_give_the_same(bench: Callable[..., Any]) -> None:
    content = bench("--naive", "--size", "32", "--batch", "1")
    assert set(content["relative_difference"]) == {"values", "enhanced.grad", "illumination.grad"}
    assert max(content["relative_difference"].values()) < 1e-3
    assert content["ratios"]["shipped / naive, wall"]["median"] > 0


def test_a_mistake_is_one_line(bench: Callable[..., Any]) -> None:
    with pytest.raises(
        SystemExit, match=r"^bench_step: lowfacent: no such config file; did you mean 'lowfacenet'\?"
    ) as e:
        bench("lowfacent")
    assert "\n" not in str(e.value)
