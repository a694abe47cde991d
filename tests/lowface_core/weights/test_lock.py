from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lowface_core.errors import WeightsError
from lowface_core.weights import lock
from lowface_core.weights.lock import locked

HOLD = """
import sys
from pathlib import Path
from lowface_core.weights.lock import locked
with locked(Path(sys.argv[1])):
    print("mine", flush=True)
    sys.stdin.readline()
"""


def hold(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "mine\n"
    return process


def test_one_waits_for_the_other_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "w.pth"
    with hold(path) as holder:
        told = []

        def let_go(text: str, file: object) -> None:
            told.append(text)
            holder.stdin.write("\n")
            holder.stdin.flush()

        monkeypatch.setattr(lock, "print", let_go, raising=False)
        with locked(path):
            assert holder.wait(timeout=30) == 0
    assert told == [f"waiting for another process that works on {path}"]


def test_a_process_that_was_killed_holds_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with hold(tmp_path / "w.pth") as holder:
        holder.kill()
        holder.wait(timeout=30)
    with locked(tmp_path / "w.pth"):
        assert capsys.readouterr().err == ""


def test_a_file_system_without_locks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*args: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(lock.fcntl, "flock", refuse)
    with pytest.raises(WeightsError, match=r"cannot be locked \(No locks available\); set LOWFACE_HOME"):
        locked(tmp_path / "w.pth").__enter__()
