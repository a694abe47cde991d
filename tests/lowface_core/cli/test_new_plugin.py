"""``lowface new-plugin``: what it says, what it makes, what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lowface_core.registry.registration import KINDS


def test_it_says_what_it_made_and_what_comes_next(lowface: Callable[..., Any], tmp_path: Path) -> None:
    said = lowface("new-plugin", "lowface-warmth", "--kind", "loss")
    assert said.code == 0, said.err
    assert said.out.splitlines() == [
        "made lowface-warmth: a package with the loss warmth. Next:",
        "  cd lowface-warmth",
        "  pip install -e .",
        "  pytest",
        "  lowface describe warmth --kind loss",
        "  lowface train configs/warmth.py --cfg-options max_iters=2",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["lowface-warmth"]


@pytest.mark.parametrize("kind", KINDS)
def test_options_reach_the_package(lowface: Callable[..., Any], tmp_path: Path, kind: str) -> None:
    (tmp_path / "my plugins").mkdir()
    words = ["--licence", "mit", "--author", "Ada", "--directory", "my plugins", "--ci", "--json"]
    said = lowface("new-plugin", "lowface-warmth", "--kind", kind, *words)
    assert said.code == 0, said.err
    told = json.loads(said.out)
    folder = tmp_path / "my plugins" / "lowface-warmth"
    assert told["kind"] == kind
    assert told["component"] == "warmth"
    assert told["module"] == "lowface_warmth"
    assert told["next"][0] == "cd 'my plugins/lowface-warmth'"
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == set(told["files"])
    assert ".github/workflows/test.yml" in told["files"]
    assert "Ada" in (folder / "LICENSE").read_text()
    assert ("data_root=FOLDER" in told["next"][-1]) == (kind == "dataset")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("torch", "lowface: 'torch' is installed already"),
        ("Warmth", "lowface: 'Warmth' will not do as a name"),
        ("lowface-color", "lowface: 'lowface-color': plugin lowface:fidelity offers a loss 'color' already"),
        ("taken", "lowface: taken: exists already"),
    ],
)
def test_refusals_are_one_line_and_make_nothing(
    lowface: Callable[..., Any], tmp_path: Path, name: str, told: str
) -> None:
    (tmp_path / "taken").mkdir()
    said = lowface("new-plugin", name, "--kind", "loss")
    assert said.code == 1
    assert said.err.startswith(told)
    assert len(said.err.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


@pytest.mark.parametrize("words", [["lowface-x"], ["lowface-x", "--kind", "lens"], ["--kind", "loss"]])
def test_wrong_usage_is_exit_two(lowface: Callable[..., Any], tmp_path: Path, words: list[str]) -> None:
    assert lowface("new-plugin", *words).code == 2
    assert list(tmp_path.iterdir()) == []
