from __future__ import annotations

import pytest
from packaging.requirements import Requirement

from lowface_core.doctor import packages
from lowface_core.doctor.finding import FAULT, OK, WARNING, Finding
from lowface_core.doctor.packages import INSTEAD, TESTED, examine, requirements


def test_what_is_examined_is_what_the_metadata_asks_for_without_extras() -> None:
    needed = {each.name: each for each in requirements()}
    assert {"torch", "mmengine", "opencv-python"} <= set(needed)
    assert "lpips" not in needed
    assert set(TESTED) | set(INSTEAD) <= set(needed)
    for name, tested in TESTED.items():  # the newest tested is allowed
        assert needed[name].specifier.contains(f"{tested}.999"), name


@pytest.mark.parametrize(
    ("version", "level", "what", "bounds"),
    [
        ("1.9", FAULT, "made 1.9: lowface needs >=2.0,<4", ">=2.0,<4"),
        ("2.0.0", OK, "made 2.0.0", ">=2.0,<4"),
        ("3.1.9+cpu", OK, "made 3.1.9+cpu", ">=2.0,<4"),
        ("3.2", WARNING, "made 3.2: newer than the newest tested, 3.1", ">=2.0,<4"),
        ("4.0.0", FAULT, "made 4.0.0: lowface needs >=2.0,<4", ">=2.0,<4"),
        ("of my own", FAULT, "made of my own: lowface needs >=2.0,<4", ">=2.0,<4"),
        ("of my own", OK, "made of my own", ""),
        (None, FAULT, "made is not installed", ">=2.0,<4"),
    ],
)
def test_a_version_is_compared(
    monkeypatch: pytest.MonkeyPatch, version: str | None, level: str, what: str, bounds: str
) -> None:
    monkeypatch.setattr(packages, "installed", lambda name: version if name == "made" else None)
    monkeypatch.setitem(TESTED, "made", "3.1")
    monkeypatch.setitem(packages.MODULES, "made", "json")
    found = examine(Requirement(f"made{bounds}"))
    assert (found.level, found.what) == (level, what)
    assert bool(found.cure) == (level != OK)
    if level == FAULT:
        assert found.cure == f'pip install "made{bounds}"'


def test_another_distribution_of_the_same_module_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "installed", lambda name: "4.11" if name == "opencv-python-headless" else None)
    found = examine(Requirement("opencv-python>=4.12"))
    assert (found.level, found.what) == (OK, "opencv-python-headless 4.11")


def test_both_mmcvs_are_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "requirements", list)
    monkeypatch.setattr(packages, "installed", lambda name: "2.1.0")
    monkeypatch.setattr(packages, "extras", dict)
    (found,) = packages.check()
    assert found.level == WARNING
    assert "mmcv and mmcv-lite are both installed" in found.what


def test_extras_are_told_with_the_command_and_their_faults_are_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    known = packages.extras()
    assert {"heic", "onnx", "openvino", "raw", "spandrel", "video"} <= set(known)
    assert not {"dev", "docs", "test"} & set(known)
    assert [each.name for each in known["spandrel"]] == ["spandrel"]
    there = {"made": "2.0"}
    monkeypatch.setattr(packages, "installed", there.get)
    monkeypatch.setitem(packages.MODULES, "made", "json")
    wanted = [Requirement("made>=1"), Requirement("lacking")]
    found = packages._examine_extra("x", wanted)
    assert (found.level, found.what) == (OK, 'lowface[x] is not installed (lacking): pip install "lowface[x]"')
    assert packages._examine_extra("x", wanted[:1]) == Finding(OK, "lowface[x]: made 2.0")
    found = packages._examine_extra("x", [Requirement("made>=3")])
    assert (found.level, found.what) == (WARNING, "lowface[x]: made 2.0: lowface needs >=3")
