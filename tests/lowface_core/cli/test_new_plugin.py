"""``lowface new-plugin``: what it says, what it makes, what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lowface_core.registry.registration import KINDS


def test_it_says_what_it_made_and_what_comes_next(lowface: Callable[..., Any], tmp_path: Path) -> None:
    done = lowface("new-plugin", "lowface-warmth", "--kind", "loss")
    assert done.code == 0, done.err
    assert done.out.splitlines() == [
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
    done = lowface("new-plugin", "lowface-warmth", "--kind", kind, *words)
    assert done.code == 0, done.err
    content = json.loads(done.out)
    folder = tmp_path / "my plugins" / "lowface-warmth"
    assert content["kind"] == kind
    assert content["component"] == "warmth"
    assert content["module"] == "lowface_warmth"
    assert content["next"][0] == "cd 'my plugins/lowface-warmth'"
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == set(
        content["files"]
    )
    assert ".github/workflows/test.yml" in content["files"]
    assert "Ada" in (folder / "LICENSE").read_text()
    assert ("data_root=FOLDER" in content["next"][-1]) == (kind == "dataset")


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("torch", "lowface: 'torch' is installed already"),
        ("Warmth", "lowface: 'Warmth' will not do as a name"),
        ("lowface-color", "lowface: 'lowface-color': plugin lowface:fidelity offers a loss 'color' already"),
        ("taken", "lowface: taken: exists already"),
    ],
)
def test_refusals_are_one_line_and_make_nothing(lowface: Any, tmp_path: Path, name: str, part: str) -> None:
    (tmp_path / "taken").mkdir()
    done = lowface("new-plugin", name, "--kind", "loss")
    assert done.code == 1
    assert done.err.startswith(part)
    assert len(done.err.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


@pytest.mark.parametrize("words", [["lowface-x"], ["lowface-x", "--kind", "lens"], ["--kind", "loss"]])
def test_wrong_usage_is_exit_two(lowface: Callable[..., Any], tmp_path: Path, words: list[str]) -> None:
    assert lowface("new-plugin", *words).code == 2
    assert list(tmp_path.iterdir()) == []
