from __future__ import annotations

import re
from pathlib import Path

import pytest

from lowface_core.doctor import packages
from lowface_core.doctor.finding import FAULT, OK, WARNING
from lowface_core.doctor.packages import PACKAGES, Package, examine, numbers, requirement


def dependencies(root: Path) -> list[str]:
    """The requirements in pyproject.toml; no TOML reader is in Python 3.10."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    listed = re.search(r"^dependencies = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert listed
    return re.findall(r'"([^"]+)"', listed[1])


def test_the_table_has_the_bounds_of_pyproject(root: Path) -> None:
    assert sorted(map(requirement, PACKAGES)) == sorted(dependencies(root))
    for package in PACKAGES:
        assert numbers(package.tested) >= numbers(package.least)[: len(numbers(package.tested))]
        if package.below:
            assert numbers(package.tested) < numbers(package.below)


@pytest.mark.parametrize(
    ("version", "level", "told"),
    [
        ("1.9", FAULT, "made 1.9: lowface needs >=2.0,<4"),
        ("2.0.0", OK, "made 2.0.0"),
        ("3.1.9+cpu", OK, "made 3.1.9+cpu"),
        ("3.2", WARNING, "made 3.2: newer than the newest tested, 3.1"),
        ("4.0.0", FAULT, "made 4.0.0: lowface needs >=2.0,<4"),
        (None, FAULT, "made is not installed"),
    ],
)
def test_a_version_is_judged(monkeypatch: pytest.MonkeyPatch, version: str | None, level: str, told: str) -> None:
    monkeypatch.setattr(packages, "installed", lambda name: version if name == "made" else None)
    found = examine(Package("made", "json", "2.0", "4", "3.1"))
    assert (found.level, found.what) == (level, told)
    assert bool(found.cure) == (level != OK)
    if level == FAULT:
        assert found.cure == 'pip install "made>=2.0,<4"'


def test_another_distribution_of_the_same_module_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "installed", lambda name: "4.11" if name == "opencv-python-headless" else None)
    (package,) = (p for p in PACKAGES if p.name == "opencv-python")
    assert examine(package).what == "opencv-python-headless 4.11"
    assert examine(package).level == OK


def test_both_mmcvs_are_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "PACKAGES", ())
    monkeypatch.setattr(packages, "installed", lambda name: "2.1.0")
    (found,) = packages.check()
    assert found.level == WARNING
    assert "mmcv and mmcv-lite are both installed" in found.what
