"""The Python on the pages outside the guide: it parses, and parts of configs are checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lowface_core.config.check import part_faults
from lowface_core.config.settings import parts
from tests.pages import blocks_of

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def python_blocks(page: Path) -> list[Any]:
    return [block for block in blocks_of(page) if block.language == "python"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_python_parses(page: Path) -> None:
    for block in python_blocks(page):
        block.parse()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_parts_of_configs_pass_the_check(page: Path) -> None:
    """Top-level names of a config that a block sets name registered components, with keywords that they take."""
    for block in python_blocks(page):
        if "import" in block.text or "dict(" not in block.text:
            continue
        names: dict[str, Any] = {}
        try:
            exec(compile(block.text, block.place, "exec"), names)
        except NameError:
            continue  # a line out of a program
        faults = [fault for part in parts(names) for fault in part_faults(part)]
        assert not faults, f"{block.place}: " + "\n".join(faults)
