from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lowface_core.errors import BusyError, LowfaceError
from lowface_core.files import part_of
from lowface_core.runs.training_folder import MANIFEST, TrainingFolder

GONE = 2**22 + 1  # no process has this number


def taken(path: Path) -> Path:
    path.mkdir(parents=True)
    (path / MANIFEST).write_text("{}")
    return path


def claim(given: Path | None, resume: str | None = None, name: str = "x") -> Path:
    """The folder that a run gets, given back at once."""
    folder = TrainingFolder.claim(str(given) if given else None, name, resume)
    folder.close()
    return folder.path


def test_default_work_dirs_are_numbered_and_resumed_by_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LowfaceError, match="work_dirs/x: holds no run to resume"):
        claim(None, "auto")
    assert not Path("work_dirs").exists()
    assert claim(None) == Path("work_dirs/x")
    (Path("work_dirs/x") / MANIFEST).write_text("{}")
    taken(Path("work_dirs/x-2"))
    assert claim(None) == Path("work_dirs/x-3")
    assert claim(None, "auto") == Path("work_dirs/x-2")
    beginning = TrainingFolder.claim(None, "x", None)  # has written nothing yet
    assert claim(None) == Path("work_dirs/x-4")
    beginning.close()


def test_a_run_is_not_overwritten_unasked(tmp_path: Path):
    run = taken(tmp_path / "run")
    with pytest.raises(LowfaceError, match="already holds a run; add --resume"):
        claim(run)
    assert claim(run, "auto") == run
    assert claim(run, "some/last.pth") == run
    assert sorted(p.name for p in run.iterdir()) == [".lock", MANIFEST]


def test_a_run_that_goes_on_is_not_resumed_besides(tmp_path: Path):
    run = taken(tmp_path / "run")
    going = TrainingFolder.claim(str(run), "x", "auto")
    with pytest.raises(BusyError, match="in use by process"):
        claim(run, "auto")
    going.close()
    assert claim(run, "auto") == run


def test_the_second_process_is_told_who_holds_the_folder_until_the_first_ends(tmp_path: Path):
    code = "from lowface_core.runs.training_folder import *; held = TrainingFolder(Path('run')); "
    first = subprocess.Popen(
        [sys.executable, "-c", code + "print(1, flush=True); input()"],
        cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert first.stdout.readline() == "1\n"
    with pytest.raises(BusyError, match=f"run: in use by process {first.pid} on .*; wait for it"):
        TrainingFolder(tmp_path / "run")
    first.kill()
    first.communicate()
    TrainingFolder(tmp_path / "run").close()
    assert (tmp_path / "run" / ".lock").is_file()


def test_a_folder_below_a_file_is_one_line(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LowfaceError, match=r"cannot be written \(Not a directory\)"):
        claim(tmp_path / "file" / "run")


def test_there_must_be_something_to_resume_and_nothing_is_made_otherwise(tmp_path: Path):
    with pytest.raises(LowfaceError, match="no such work dir to resume"):
        claim(tmp_path / "gone", "auto")
    with pytest.raises(LowfaceError, match="holds no run to resume"):
        claim(tmp_path, "auto")
    assert list(tmp_path.iterdir()) == []


def test_a_run_killed_before_its_first_checkpoint_starts_anew(tmp_path: Path, capsys):
    run = TrainingFolder(taken(tmp_path / "run"), locked=False)
    assert run.last_checkpoint() is None
    assert "starting anew" in capsys.readouterr().err
    (run.path / "last.pth").write_bytes(b"")
    assert run.last_checkpoint() == run.path / "last.pth"


def test_what_a_killed_process_left_half_written_is_cleared_away(tmp_path: Path):
    run = taken(tmp_path / "run")
    part_of(run / "last.pth", GONE).write_bytes(b"half")
    claim(run, "auto")
    assert sorted(p.name for p in run.iterdir()) == [".lock", MANIFEST]


def test_each_resume_adds_a_segment_and_drops_those_that_left_nothing(tmp_path: Path):
    def begin(folder: str, started: str, *resumed: Any) -> dict[str, Any]:
        facts = dict.fromkeys(("command", "lowface", "git_commit", "device", "processes"), started)
        TrainingFolder(tmp_path / folder, locked=False).begin(
            "lr = 1\n", {**facts, "started": started, "seed": 1}, *resumed
        )
        return json.loads((tmp_path / folder / MANIFEST).read_text())

    first = begin("a", "1")
    assert (first["started"], first["seed"]) == ("1", 1)
    assert [(s["iteration"], s["changed"]) for s in first["segments"]] == [(0, {})]
    begin("a", "2", tmp_path / "a" / "last.pth", 100, {"lr": [1, 2]})
    again = begin("a", "3", tmp_path / "a" / "last.pth", 100, {"lr": [1, 3]})  # the second was killed before it saved
    assert (again["started"], again["command"], again["device"]) == ("1", "1", "3")
    assert [(s["iteration"], s["command"], s["changed"]) for s in again["segments"]] == [
        (0, "1", {}),
        (100, "3", {"lr": [1, 3]}),
    ]
    elsewhere = begin("b", "4", tmp_path / "a" / "best.pth", 50)
    assert [s["iteration"] for s in elsewhere["segments"]] == [0, 50]
    assert (tmp_path / "b" / "config.py").read_text() == "lr = 1\n"


def test_the_command_to_resume_survives_a_shell():
    words = TrainingFolder(Path("my runs/a"), locked=False).resume_command("train")
    assert words == "lowface train 'my runs/a/config.py' --work-dir 'my runs/a' --resume"


@pytest.mark.parametrize(("processes", "here", "starts"), [(2, None, 2), (8, "4", 4), (3, "3", 3)])
def test_several_processes_are_resumed_by_as_many(
    monkeypatch: pytest.MonkeyPatch, processes: int, here: str | None, starts: int
):
    monkeypatch.delenv("LOCAL_WORLD_SIZE", raising=False)
    if here:
        monkeypatch.setenv("LOCAL_WORLD_SIZE", here)  # of this machine, where several work together
    words = TrainingFolder(Path("a"), locked=False).resume_command("train", processes)
    assert words == (
        f"torchrun --nproc-per-node {starts} -m lowface_core train a/config.py --work-dir a --resume --launcher pytorch"
    )


@pytest.mark.parametrize("raw", [b"caf\xe9", b"\xff\xfe", b"a\xc3/run"])
def test_a_name_that_is_not_utf8_is_one_line_at_once(tmp_path: Path, raw: bytes):
    with pytest.raises(LowfaceError, match=r"\\udc\w\w.*: the name is not UTF-8; give another --work-dir"):
        TrainingFolder(tmp_path / os.fsdecode(raw))
    assert list(tmp_path.iterdir()) == []
