"""The house keeps its order: no import runs up, the core imports no plugin, no two files of a package share a name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def house(tool: Callable[[str], ModuleType]) -> ModuleType:
    return tool("draw_house")


def packages(root: Path) -> list[Path]:
    return [root / "lowface_core", *sorted(p.parent for p in (root / "plugins").glob("*/__init__.py"))]


def test_no_import_runs_up(house: ModuleType) -> None:
    arrows = house.core_arrows()
    assert ("config", "registry") in arrows  # the reader sees imports at all
    assert house.upward(arrows) == []


def test_an_import_that_runs_up_is_found(house: ModuleType) -> None:
    (line,) = house.upward({("registry", "cli"): ["lowface_core.registry.loader, line 3"]})
    assert "loader, line 3" in line


def test_the_core_imports_no_plugin(house: ModuleType, root: Path) -> None:
    plugins = {path.name for path in packages(root)[1:]}
    imported = [(m, i) for m, i, _ in house.imports(root / "lowface_core", "lowface_core")]
    assert len(imported) > 100
    assert [pair for pair in imported if pair[1].split(".")[0] in plugins] == []


def test_no_two_files_of_a_package_share_a_name(root: Path) -> None:
    for package in packages(root):
        count = Counter(path.name for path in package.rglob("*.py") if path.name != "__init__.py")
        assert [name for name, times in count.items() if times > 1] == [], package.name


def test_no_source_file_is_long(root: Path) -> None:
    for folder in (*packages(root), root / "tools"):
        for path in folder.rglob("*.py"):
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 250, path.relative_to(root)


def test_the_files_on_the_architecture_page_exist(root: Path) -> None:
    named = re.findall(r"[\w/]+\.py\b", (root / "docs" / "architecture.md").read_text(encoding="utf-8"))
    assert len(named) > 20
    places = [
        root,
        root / "lowface_core",
        root / "plugins",
        *(root / "lowface_core").iterdir(),
        root / "plugins" / "lowface_recognition",
    ]
    lost = [name for name in named if not any((place / name).is_file() for place in places)]
    assert lost == []


def test_the_picture_is_fresh(house: ModuleType) -> None:
    assert house.PICTURE.read_text(encoding="utf-8") == house.draw(), "run python tools/draw_house.py"
