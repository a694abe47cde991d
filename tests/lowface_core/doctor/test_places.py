from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from lowface_core.doctor import environment as places
from lowface_core.doctor.finding import FAULT, OK, WARNING, Finding


def finding(path: Path, level: str = FAULT) -> Finding:
    (found,) = places.place(path, "the store", "set LOWFACE_HOME", level)
    return found


def test_a_folder_that_is_there_or_can_be_made_will_do(tmp_path: Path) -> None:
    assert finding(tmp_path).level == OK
    assert "can be written" in finding(tmp_path).what
    assert "can be made" in finding(tmp_path / "a" / "b").what
    assert list(tmp_path.iterdir()) == []


def test_a_file_or_a_link_to_nowhere_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    assert (
        finding(tmp_path / "file").what
        == f"{tmp_path / 'file'}, the store, cannot be written: it is a file, not a folder"
    )
    assert f"{tmp_path / 'file'} is a file" in finding(tmp_path / "file" / "a").what
    assert "is a link to nowhere" in finding(tmp_path / "link" / "a", WARNING).what
    assert finding(tmp_path / "link" / "a", WARNING).level == WARNING


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    assert "refuses (Permission denied)" in finding(tmp_path / "locked").what


@pytest.mark.parametrize(("gib", "level"), [(50, OK), (1, WARNING), (0.01, FAULT)])
def test_free_space_has_a_level(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, gib: float, level: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=int(gib * 2**30)))
    assert finding(tmp_path).level == level


def test_the_current_folder_may_have_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert any(f.what == "the current folder has gone" for f in places.check_places())
