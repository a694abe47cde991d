from __future__ import annotations

from pathlib import Path

import pytest

from lowface_core.errors import LowfaceError
from lowface_core.runs.training_folder import MANIFEST, choose, last_checkpoint, resume_command


def taken(path: Path) -> Path:
    path.mkdir(parents=True)
    (path / MANIFEST).write_text("{}")
    return path


def test_default_work_dirs_are_numbered_and_resumed_by_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LowfaceError, match="work_dirs/x: holds no run to resume"):
        choose(None, "x", "auto")
    assert not Path("work_dirs").exists()
    assert choose(None, "x", None) == Path("work_dirs/x")
    taken(Path("work_dirs/x/deeper")).rename("work_dirs/x-2")
    (Path("work_dirs/x") / MANIFEST).write_text("{}")
    assert choose(None, "x", None) == Path("work_dirs/x-3")
    assert choose(None, "x", "auto") == Path("work_dirs/x-2")


def test_a_run_is_not_overwritten_unasked(tmp_path: Path):
    run = taken(tmp_path / "run")
    with pytest.raises(LowfaceError, match="already holds a run; add --resume"):
        choose(str(run), "x", None)
    assert choose(str(run), "x", "auto") == run
    assert choose(str(run), "x", "some/last.pth") == run
    assert sorted(p.name for p in run.iterdir()) == [MANIFEST]


def test_there_must_be_something_to_resume_and_nothing_is_made_otherwise(tmp_path: Path):
    with pytest.raises(LowfaceError, match="no such work dir to resume"):
        choose(str(tmp_path / "gone"), "x", "auto")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(LowfaceError, match="holds no run to resume"):
        last_checkpoint(tmp_path)


def test_a_run_killed_before_its_first_checkpoint_starts_anew(tmp_path: Path, capsys):
    run = taken(tmp_path / "run")
    assert last_checkpoint(run) is None
    assert "starting anew" in capsys.readouterr().err
    (run / "last.pth").write_bytes(b"")
    assert last_checkpoint(run) == run / "last.pth"


def test_a_work_dir_below_a_file_is_one_line(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LowfaceError, match=r"cannot be written \(Not a directory\)"):
        choose(str(tmp_path / "file" / "run"), "x", None)


def test_what_a_killed_process_left_half_written_is_cleared_away(tmp_path: Path):
    run = taken(tmp_path / "run")
    (run / ".last.pth.123.part.pth").write_bytes(b"half")
    choose(str(run), "x", "auto")
    assert sorted(p.name for p in run.iterdir()) == [MANIFEST]


def test_the_command_to_resume_survives_a_shell():
    said = resume_command("train", Path("my runs/a"))
    assert said == "lowface train 'my runs/a/config.py' --work-dir 'my runs/a' --resume"
