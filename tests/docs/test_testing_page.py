"""The page on testing has everything that an author may set or use."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import lowface_core.testing
from lowface_core.registry.registration import KINDS
from lowface_core.testing import plugin

#: Set by the suites themselves, or explained on the page in words.
OURS = {"kind", "component", "arguments", "spoken", "tells_shapes", "folder"}


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "plugins" / "testing.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_every_attribute_of_a_suite_is_in_the_table(page: str, kind: str) -> None:
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    suite = getattr(lowface_core.testing, f"{kind.title()}Contract")
    for owner in (suite, *suite.__mro__):
        if not owner.__module__.startswith("lowface_core.testing"):
            continue
        for name in set(inspect.get_annotations(owner)) - OURS:
            kinds = [row.split("|")[2] for row in rows if row.startswith(f"| `{name} =")]
            assert any(kind in cell or "all" in cell for cell in kinds), f"{suite.__name__}.{name}"


def test_every_row_of_the_table_is_an_attribute(page: str) -> None:
    for name, kinds in re.findall(r"^\| `(\w+) = [^|]*\| ([a-z, ]+) \|", page, re.MULTILINE):
        for kind in KINDS if kinds == "all" else kinds.split(", "):
            assert hasattr(getattr(lowface_core.testing, f"{kind.title()}Contract"), name), f"{kind}: {name}"


def test_every_fixture_is_in_the_table(page: str) -> None:
    named = set(re.findall(r"^\| `(lowface_\w+)` \|", page, re.MULTILINE))
    source = inspect.getsource(plugin)
    assert named == set(re.findall(r"@pytest\.fixture[^\n]*\ndef (\w+)\(", source))
