"""docs/benchmark.md: its config runs, its table of configs is what ships."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lowface_core.config.load import shipped
from tests.pages import blocks_of


def test_the_pages_config_runs(root: Path, lowface: Callable[..., Any], tmp_path: Path) -> None:
    (block,) = (block for block in blocks_of(root / "docs" / "benchmark.md") if block.title == "mine.py")
    (tmp_path / "mine.py").write_text(block.text, encoding="utf-8")
    said = lowface("benchmark", "mine.py", "--json", "--cfg-options", "datasets.rendered.dataset.identities=2")
    assert said.code == 0, said.err
    assert "left out: methods.mine.checkpoint: work_dirs/lowfacenet: no such" in said.err
    assert list(json.loads(said.out)["methods"]) == ["gain", "gamma"]
    assert (tmp_path / "work_dirs" / "benchmark" / "mine" / "report.html").is_file()


def test_the_shipped_configs_are_listed(root: Path) -> None:
    page = (root / "docs" / "benchmark.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(\w+)` \| .+ \| .+ \|$", page, re.MULTILINE))
    assert {name.removeprefix("benchmarks/") for name in shipped() if name.startswith("benchmarks/")} <= named
