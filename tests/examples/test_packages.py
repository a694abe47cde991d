"""What the examples consist of: complete packages, readable by themselves, with nothing of others in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lowface_core.config.load import read
from tests.pages import lowface_lines

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib  # type: ignore[import-not-found, no-redef]

NAMES = ("exposure", "dehaze", "arcface", "sr4ir")


@pytest.mark.parametrize("name", NAMES)
def test_the_package_is_complete(examples: Path, name: str):
    folder = examples / f"lowface-{name}"
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["name"] == f"lowface-{name}"
    assert project["entry-points"]["lowface"] == {name: f"lowface_{name}"}
    assert project["license"] == "Apache-2.0"
    assert project["version"]
    assert any(need.startswith("lowface") for need in project["dependencies"])
    assert (folder / f"lowface_{name}" / "__init__.py").is_file()
    assert list((folder / "configs").glob("*.py"))
    assert list((folder / "tests").glob("test_*.py"))
    assert len((folder / "README.md").read_text(encoding="utf-8").splitlines()) < 60


def test_only_text_is_committed(examples: Path):
    passing = re.compile(r"\.\w+_cache$|__pycache__$|.*\.egg-info$|build$")  # what tools leave there, ignored by git
    files = [
        p for p in examples.rglob("*") if p.is_file() and not any(map(passing.match, p.relative_to(examples).parts))
    ]
    assert {p.suffix for p in files} == {".py", ".md", ".toml"}


@pytest.mark.parametrize("name", NAMES)
def test_its_configs_can_be_read(examples: Path, name: str):
    for path in (examples / f"lowface-{name}" / "configs").glob("*.py"):
        config = read(str(path))
        assert ("head" in config) != ("enhancer" in config), path.name
        assert "train_dataset" in config


@pytest.mark.parametrize("name", NAMES)
def test_its_pages_commands_parse(root: Path, examples: Path, name: str, parse_command: Callable[[str], None]):
    for page in (examples / f"lowface-{name}" / "README.md", root / "docs" / "plugins" / f"example_{name}.md"):
        indented = (line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("    lowface "))
        lines = [*lowface_lines(page), *map(str.strip, indented)]
        assert lines, page
        for line in lines:
            parse_command(line)


def test_the_exposure_loss_is_the_one_that_the_guide_writes(root: Path, examples: Path):
    guide = (root / "docs" / "plugins" / "loss.md").read_text(encoding="utf-8")
    ours = (examples / "lowface-exposure" / "lowface_exposure" / "exposure.py").read_text(encoding="utf-8")
    assert ours.split("from __future__")[1] in guide


def test_the_recipes_are_the_default_one_but_for_what_the_example_is_about(root: Path, examples: Path):
    default = read(str(root / "configs" / "lowfacenet.py"))
    exposure = read(str(examples / "lowface-exposure" / "configs" / "lowfacenet_exposure.py"))
    assert exposure["losses"].pop("exposure")["type"] == "exposure"
    assert exposure == default
    arcface = read(str(examples / "lowface-arcface" / "configs" / "lowfacenet_arcface.py"))
    assert arcface["heads"]["face"]["encoder"]["type"] == "arcface"
    arcface["heads"]["face"]["encoder"] = default["heads"]["face"]["encoder"]
    assert arcface == default


def test_the_ablation_differs_by_one_loss(examples: Path):
    folder = examples / "lowface-dehaze" / "configs"
    whole, part = (read(str(folder / f"{name}.py")) for name in ("dehaze", "fidelity_only"))
    assert whole["losses"].pop("classification")["weight"] > 0
    assert whole == part


def test_the_classifier_in_turns_differs_by_its_loss_and_its_phases(examples: Path):
    folder = examples / "lowface-sr4ir" / "configs"
    turns, frozen = (read(str(folder / f"{name}.py")) for name in ("turns", "frozen"))
    assert [phase["train"] for phase in turns.pop("phases")] == ["enhancer", "heads.classifier"]
    assert turns["losses"].pop("mixed")["type"] == "mixed_classification"
    assert turns == frozen
