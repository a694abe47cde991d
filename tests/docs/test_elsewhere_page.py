"""The recipes for loops of one's own: each block runs by itself, and those meant to be short are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.pages import Block, blocks_of

PAGE = Path(__file__).parents[2] / "docs" / "plugins" / "elsewhere.md"
PLAIN = [block for block in blocks_of(PAGE) if "lightning" not in block.text]


def run(block: Block) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "recipe"}
    exec(compile(block.text, block.place, "exec"), names)
    return names


@pytest.mark.parametrize("block", PLAIN, ids=lambda block: f"line_{block.line}")
def test_recipes_run_and_reach_what_is_trained(block: Block) -> None:
    names = run(block)
    trained = list(names["network"].parameters()) if "network" in names else [names["enhanced"]]
    assert all(each.grad is not None and bool(each.grad.abs().sum() > 0) for each in trained)


def test_the_recipe_with_a_recogniser_is_nine_lines() -> None:
    (block,) = [block for block in PLAIN if "identity=dict" in block.text]
    lines = [line for line in block.text.splitlines() if line and not line.startswith("import")]
    assert len(lines) == 9
    assert float(run(block)["loss"].terms["identity"]) > 0


def test_the_recipe_for_lightning_runs() -> None:
    pytest.importorskip("lightning", reason="needs pip install lightning")
    (block,) = [block for block in blocks_of(PAGE) if "LightningModule" in block.text]
    module = block.text[block.text.index("class ") :].split("\n\n\n")[0]
    assert len([line for line in module.splitlines() if line.strip()]) <= 10
    assert run(block)["trainer"].global_step == 2
