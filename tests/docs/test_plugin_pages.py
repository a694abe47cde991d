"""The guide to plugins says nothing that was not done: every block of its pages is executed, in order, by a reader."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lowface_core.variables import VARIABLES
from tests.pages import blocks_of

PAGES = sorted((Path(__file__).parents[2] / "docs" / "plugins").glob("*.md"))


@pytest.mark.slow
@pytest.mark.parametrize("page", [pytest.param(page, id=page.stem) for page in PAGES])
def test_following_the_page_works(page: Path, follow: Callable[[Path], Any]) -> None:
    follow(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_has_a_rule_and_parses(page: Path) -> None:
    blocks = blocks_of(page)
    for block in blocks:
        assert block.rule, f"{block.place}: no rule for a block in {block.language or 'no language'!r}"
        block.parse()
    fences = re.findall(r"^\s*(?:```|~~~)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(fences) == 2 * len(blocks), f"{page.name}: an indented, nested or open fence that nobody would execute"


def test_there_are_pages() -> None:
    assert len(PAGES) >= 10


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_text_names_each_file(page: Path) -> None:
    """Titles of blocks are not shown everywhere the pages are read."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    unnamed = [block.place for block in blocks_of(page) if block.title and f"`{block.title}`" not in text]
    assert not unnamed


def test_the_page_on_debugging_has_every_variable() -> None:
    text = next(page for page in PAGES if page.stem == "debugging").read_text(encoding="utf-8")
    assert not [name for name in VARIABLES if f"`{name}=" not in text]
