"""The benchmark of inference measures what it says, and its page says what was measured."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor


@pytest.fixture
def bench(root: Path, tool: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(root / "tools")
    module = tool("bench")
    monkeypatch.setattr(module, "YARDSTICK", 32)
    return module


def test_a_ratio_is_of_the_row_it_stands_against(bench: Any) -> None:
    def quick(low: Tensor) -> Tensor:
        return low

    def slow(low: Tensor) -> Tensor:
        for _ in range(200):
            low = low.sigmoid()
        return low

    first, second = bench.measure([bench.Row("slow", 64, slow), bench.Row("quick", 64, quick, "slow")], 3)
    assert "ratio" not in first
    assert 1 < second["ratio_low"] <= second["ratio"] <= second["ratio_high"]
    assert second["cpu_s"] < first["cpu_s"]


def test_the_plain_module_is_the_network(bench: Any) -> None:
    import lowface_core as lf

    net = lf.build("enhancer", "retinex", channels=8, init="he").eval()
    low = torch.rand(2, 3, 13, 18)
    with torch.no_grad():
        torch.testing.assert_close(bench.PlainEnhanceNet(net)(low), net(low)["enhanced"], rtol=0, atol=1e-5)


def test_the_page_is_of_the_newest_run(bench: Any, root: Path) -> None:
    newest = json.loads((root / bench.HISTORY).read_text("utf-8"))[-1]
    assert (root / bench.PAGE).read_text("utf-8") == bench.page(newest)
    rows = {row["name"]: row for row in newest["enhancers"]}
    assert rows["`retinex`, 64 channels"]["difference"] <= 1e-5
