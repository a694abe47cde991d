"""The benchmark of detecting and embedding: how its figures are summed up and written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import torch


@pytest.fixture
def bench(tool: Callable[[str], ModuleType]) -> ModuleType:
    return tool("bench_heads")


def test_ratios_are_taken_within_a_round(bench):
    seconds = {bench.BASELINE: [1.0, 2.0, 4.0], "half": [0.5, 1.0, 2.0]}
    base, half = bench.summary(seconds)
    assert base["median_s"] == 2.0
    assert base["ratio"] == 1.0
    assert half["ratio"] == 0.5
    assert half["ratio_quartiles"] == [0.5, 0.5]


def test_warm_up_is_not_counted_and_variants_take_turns(bench):
    order = []
    seconds = bench.measure({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, rounds=2)
    assert order == ["a", "b"] * 3
    assert [len(times) for times in seconds.values()] == [2, 2]


def test_real_heads_in_a_small_run(bench, shared: Path):
    timed = bench.variants(shared / "weights", torch.rand(2, 3, 64, 64))
    assert next(iter(timed)) == bench.BASELINE
    for run in timed.values():
        run()


def test_the_recorded_run_holds_the_limit(bench, root: Path):
    """A batch of 16 takes at most half of 16 single calls at 640 x 640; the page shows the recorded figures."""
    content = json.loads((root / "benchmarks" / "heads_speed.json").read_text())
    rows = {row["name"]: row for row in content["results"]}
    assert rows["batch of 16, own size (default)"]["ratio"] <= 0.5
    assert (root / "benchmarks" / "heads_speed.md").read_text() == bench.markdown(content)
