"""Checking data sets: every planted fault is found, nothing else is."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lowface_core.data.images import write_image
from lowface_core.errors import DataError
from lowface_data.audit.check import check

PEOPLE = ("ann", "bob", "cy", "dan", "eve", "fay")


def face(seed: int, side: int = 16) -> np.ndarray:
    return np.random.default_rng(seed).random((3, side, side)) * 0.8


def labels(path: Path, value: int = 1, side: int = 16) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((side, side), value, np.uint8)).save(path)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    for i, person in enumerate(PEOPLE):
        for n in range(2):
            write_image(root / "normal" / f"{person}_{n}.png", face(2 * i + n))
            write_image(root / "underexposed" / f"{person}_{n}.png", face(2 * i + n) * 0.4)
            labels(root / "seg" / f"{person}_{n}.png")
    keys = [f"{person}_{n}" for person in PEOPLE for n in range(2)]
    (root / "split.json").write_text(json.dumps({"train": keys[:8], "test": keys[8:]}))
    return root


def split(root: Path, name: str, *more: str) -> None:
    splits = json.loads((root / "split.json").read_text())
    splits[name] += more
    (root / "split.json").write_text(json.dumps(splits))


def kinds(root: Path, **options: Any) -> Counter[str]:
    return Counter(f.kind for f in check(root, **options).findings)


def test_a_sound_set_has_no_faults(tree: Path) -> None:
    report = check(tree)
    assert report.findings == []
    assert report.summary == {
        "pictures": 12,
        "low_light": 12,
        "maps": 12,
        "identities": 6,
        "splits": {"train": 8, "test": 4},
        "sizes": {"16x16": 12},
        "brightness": {"normal": pytest.approx(0.4, abs=0.01), "low": pytest.approx(0.16, abs=0.01)},
        "identities_with_one_picture": 0,
    }


def copied(root: Path, source: str, target: str) -> None:
    for folder in ("normal", "underexposed", "seg"):
        shutil.copy(root / folder / f"{source}.png", root / folder / f"{target}.png")


def truncated(root: Path) -> None:
    path = root / "normal" / "ann_0.png"
    path.write_bytes(path.read_bytes()[:200])


def single(root: Path) -> None:
    copied(root, "fay_1", "gus_0")
    write_image(root / "normal" / "gus_0.png", face(90))


def leaked_identity(root: Path) -> None:
    copied(root, "eve_0", "ann_5")
    write_image(root / "normal" / "ann_5.png", face(77))
    split(root, "test", "ann_5")


def leaked_picture(root: Path) -> None:
    copied(root, "bob_0", "eve_7")
    split(root, "test", "eve_7")


def bad_name(root: Path) -> None:
    copied(root, "fay_1", "portrait")
    write_image(root / "normal" / "portrait.png", face(55))


# name → (how it is planted, level, kind and what the message names)
FAULTS: dict[str, tuple[Callable[[Path], Any], str, str, str]] = {
    "truncated": (truncated, "error", "unreadable", "ann_0.png"),
    "orphan_map": (lambda root: labels(root / "seg" / "zoe_0.png"), "error", "orphan", "zoe_0.png"),
    "orphan_picture": (lambda root: (root / "seg" / "ann_1.png").unlink(), "error", "orphan", "ann_1.png"),
    "map_size": (lambda root: labels(root / "seg" / "bob_0.png", side=20), "error", "size", "bob_0.png"),
    "low_size": (lambda root: write_image(root / "underexposed/bob_1.png", face(3, 12)), "error", "size", "bob_1.png"),
    "bad_class": (lambda root: labels(root / "seg" / "cy_0.png", 18), "error", "classes", "cy_0.png"),
    "colour_map": (lambda root: write_image(root / "seg/cy_1.png", face(1)), "error", "unreadable", "cy_1.png"),
    "single": (single, "warning", "single", "'gus'"),
    "duplicate": (lambda root: copied(root, "dan_0", "dan_2"), "warning", "duplicate", "dan_2.png"),
    "leaked_identity": (leaked_identity, "error", "identity_leak", "'ann'"),
    "leaked_picture": (leaked_picture, "error", "picture_leak", "eve_7.png"),
    "missing_key": (lambda root: split(root, "train", "nobody_0"), "error", "split", "'nobody_0'"),
    "bad_name": (bad_name, "error", "name", "portrait.png"),
    "same_key": (lambda root: write_image(root / "normal/more/fay_0.png", face(60)), "error", "same_key", "fay_0.png"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_planted_fault_is_found_and_nothing_else(tree: Path, fault: str) -> None:
    plant, level, kind, name = FAULTS[fault]
    plant(tree)
    (finding,) = check(tree).findings
    assert (finding.level, finding.kind) == (level, kind)
    assert name in finding.message
    assert "\n" not in finding.message


def test_all_at_once(tree: Path, lowface: Any) -> None:
    for plant, *_ in FAULTS.values():
        plant(tree)
    result = lowface("data", "check", tree, "--jobs", 1)
    assert result.code == 1
    for _, level, kind, name in FAULTS.values():
        assert any(line.startswith(f"{level}: {kind}: ") and name in line for line in result.out.splitlines()), kind
    # one more than planted: eve_7 is a copy of bob_0, with a map of the wrong size
    assert f"{len(FAULTS) - 2 + 1} errors, 2 warnings" in result.out


def test_the_command(tree: Path, lowface: Any) -> None:
    result = lowface("data", "check", tree, "--json", "--jobs", 2)
    assert result.code == 0
    report = json.loads(result.out)
    assert (report["layout"], report["errors"], report["warnings"]) == ("lapa_face", 0, 0)
    single(tree)
    result = lowface("data", "check", tree)
    assert result.code == 0  # a warning is not an error
    assert "warning: single: identity 'gus'" in result.out
    assert lowface("data", "check", tree / "nowhere").code == 1


def test_against_another_set(tree: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    write_image(other / "normal" / "zoe_0.png", face(70))
    assert kinds(tree, against=other) == {}
    shutil.copy(tree / "normal" / "bob_0.png", other / "normal" / "zoe_1.png")
    write_image(other / "normal" / "ann_3.png", face(71))
    assert kinds(tree, against=other) == {"picture_leak": 1, "identity_leak": 1}
    truncated(tree)
    assert kinds(other, against=tree)["against"] == 1


def test_other_layouts(tmp_path: Path) -> None:
    for person in ("Bo_Li", "Cy"):
        for n in (1, 2):
            write_image(tmp_path / person / f"{person}_{n:04d}.jpg", face(len(person) + n))
    report = check(tmp_path)
    assert (report.layout, report.summary["identities"], report.findings) == ("lfw", 2, [])
    (tmp_path / "Cy" / "Cy_0002.jpg").write_bytes(b"")
    assert kinds(tmp_path) == {"unreadable": 1}
    with pytest.raises(DataError, match="no such folder"):
        check(tmp_path / "nowhere")


@pytest.mark.slow
def test_real_faces_have_no_faults(shared: Path) -> None:
    report = check(shared / "data" / "celeba-face", jobs=2)
    assert report.findings == []
    assert (report.summary["pictures"], report.summary["maps"]) == (800, 800)


def test_real_people_have_no_errors(shared: Path) -> None:
    assert check(shared / "data" / "lfw-faces").errors == 0


def test_plain_folders_are_looked_into_as_well(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", face(1))
    write_image(tmp_path / "b.png", face(2))
    shutil.copy(tmp_path / "a.png", tmp_path / "c.png")
    report = check(tmp_path)
    assert report.layout == "image_folder"
    assert sum(report.summary["sizes"].values()) == 3
    assert 0 < report.summary["brightness"]["normal"] < 1
    assert [(one.kind, "a.png" in one.message, "c.png" in one.message) for one in report.findings] == [
        ("duplicate", True, True)
    ]
