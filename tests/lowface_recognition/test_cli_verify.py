"""``lowface verify`` from end to end."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowface_core.data.images import read_image, write_image
from lowface_core.runs.results import read_result


@pytest.fixture
def verify(recognition: Callable[..., Any]) -> Callable[..., Any]:
    return partial(recognition, "verify")


@pytest.fixture
def lfw(people: Callable[..., Path], tmp_path: Path) -> Path:
    """People and LFW's list of pairs: two folds of three genuine and three impostor pairs."""
    root = people()
    rows = ["2\t3"]
    for fold in (0, 1):
        own = [f"p{3 * fold + k:02d}" for k in range(3)]
        rows += [f"{person}\t1\t{2 + fold}" for person in own]
        rows += [f"{a}\t1\t{b}\t2" for a, b in zip(own, own[1:] + own[:1], strict=True)]
    (tmp_path / "pairs.txt").write_text("\n".join(rows) + "\n")
    return root


def test_lfws_protocol(verify: Callable[..., Any], lfw: Path, tmp_path: Path) -> None:
    words = ("--pairs", "pairs.txt", "--data", lfw, "--enhancer", "gamma", "--work-dir", "out", "--json")
    said = verify(*words, dark=True)
    assert said.code == 0, said.err
    result = json.loads(said.out)
    assert result == read_result(tmp_path / "out")
    assert result["kind"] == "verification"
    assert result["pairs"] == {"genuine": 6, "impostor": 6, "people": 6}
    assert result["protocol"]["folds"] == {"count": 2, "from": "file"}
    assert result["protocol"]["darkened"] == "the second picture of a pair"
    stages = result["stages"]
    assert list(stages) == ["low", "enhanced", "normal"]
    assert [stages["normal"][name]["value"] for name in ("accuracy", "auc", "eer")] == [1.0, 1.0, 0.0]
    lines = [json.loads(line) for line in (tmp_path / "out" / "pictures.jsonl").read_text().splitlines()]
    assert [line["same"] for line in lines] == [True] * 3 + [False] * 3 + [True] * 3 + [False] * 3
    missed = [line for line in lines if not line["low"]["found"]]
    assert stages["low"]["undetected"]["value"] == len(missed) / 12 > 0
    assert {line["low"]["right"] for line in missed} == {False}  # genuine and impostor pairs alike
    assert {line["same"] for line in missed} == {True, False}
    right = [line["low"]["right"] for line in lines]
    assert stages["low"]["accuracy"]["value"] == pytest.approx(np.mean([np.mean(right[:6]), np.mean(right[6:])]))
    assert result["gained"] == [ln["key"] for ln in lines if ln["enhanced"]["right"] and not ln["low"]["right"]]
    assert {line["key"] for line in missed} <= set(result["gained"])
    assert result["lost"] == []
    assert stages["low"]["tar"][0]["note"] == "too few impostor pairs (6; 100 needed)"
    index = json.loads((tmp_path / "out" / "pictures" / "index.json").read_text())
    assert {entry["group"] for entry in index} >= {"sample", "gained"}
    text = verify(*words[:-1], dark=True).out
    assert "TAR at FAR 0.1: too few impostor pairs (6; 100 needed)" in text
    assert "normal    gamma  100.0" in text


def test_a_table_of_pairs_and_both_pictures_dark(verify: Callable[..., Any], lfw: Path, tmp_path: Path) -> None:
    rows = [f"p{k:02d}/p{k:02d}_0001.png,p{k:02d}/p{k:02d}_0002.png,1,{k % 2}" for k in range(6)]
    rows += [f"p{k:02d}/p{k:02d}_0001.png,p{5 - k:02d}/p{5 - k:02d}_0003.png,0,{k % 2}" for k in range(6)]
    (lfw / "pairs.csv").write_text("\n".join(rows))
    words = ("--pairs", lfw / "pairs.csv", "--json", "--darken")
    second, both = (json.loads(verify(*words, which, dark=True).out) for which in ("second", "both"))
    assert both["protocol"]["darkened"] == "both pictures of a pair"
    assert both["stages"]["low"]["undetected"]["value"] > second["stages"]["low"]["undetected"]["value"]
    assert both["stages"]["normal"]["auc"] == second["stages"]["normal"]["auc"]
    assert list(both["stages"]) == ["low", "normal"]


def test_drawn_pairs(verify: Callable[..., Any], lfw: Path) -> None:
    words = ("--data", lfw, "--enhancer", "gamma", "--json", "--impostors", "9")
    result = json.loads(verify(*words, dark=True).out)
    assert result["pairs"] == {"genuine": 18, "impostor": 9, "people": 6}
    assert result["protocol"]["folds"] == {"count": 3, "from": "drawn"}
    assert result["stages"]["normal"]["accuracy"]["value"] == 1.0


def test_real_low_light_with_partners(verify: Callable[..., Any], lfw: Path, tmp_path: Path) -> None:
    for file in lfw.rglob("*.png"):
        if file.stem.endswith("1"):
            continue
        write_image(tmp_path / "bright" / file.parent.name / file.name, read_image(file))
        write_image(file, read_image(file) * np.float32(0.08))
    words = ("--pairs", "pairs.txt", "--data", lfw, "--enhancer", "gamma", "--json")
    result = json.loads(verify(*words, "--normal", "bright").out)
    assert [result["stages"][stage]["accuracy"]["value"] for stage in ("low", "enhanced", "normal")] == [0.0, 1.0, 1.0]
    assert list(json.loads(verify(*words).out)["stages"]) == ["low", "enhanced"]
    refused = verify(*words, "--normal", "bright", "--darken", "both")
    assert "bright: holds no picture for 'p00/p00_0001'" in refused.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--pairs", "gone"), "gone: cannot be read (No such file or directory); give the file of pairs"),
        (("--pairs", "pairs.txt"), "pairs.txt: is a list as LFW's; add --data"),
        (("--data", "gone"), "gone: no such folder"),
        (("--pairs", "pairs.txt", "--data", "people", "--config", "nothing"), "nothing: no such config file"),
    ],
)
def test_mistakes_are_told_in_one_line(
    one_line: Callable[..., None], lfw: Path, words: tuple[str, ...], message: str
) -> None:
    one_line(message, "verify", *words)


def test_wrong_usage(lowface: Callable[..., Any]) -> None:
    assert "give --pairs FILE, or --data FOLDER" in lowface("verify").err
    assert lowface("verify", "--pairs", "p", "--impostors", "3").code == 2
    assert lowface("verify", "--pairs", "p", "--data-options", "size=8").code == 2
