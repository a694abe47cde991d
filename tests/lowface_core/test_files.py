from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lowface_core import files
from lowface_core.errors import LowfaceError
from lowface_core.files import drop_parts, exclusive, part_of, write_json, write_text, write_whole


def test_json_is_written_readable_and_folders_are_made(tmp_path: Path):
    path = tmp_path / "a" / "b.json"
    write_json(path, {"é": [1, None]})
    assert json.loads(path.read_text(encoding="utf-8")) == {"é": [1, None]}
    assert [p.name for p in path.parent.iterdir()] == ["b.json"]


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), RuntimeError("half"), KeyboardInterrupt()])
def test_a_write_that_fails_half_way_leaves_the_old_file_and_no_other(tmp_path: Path, fault: BaseException):
    path = tmp_path / "kept.txt"
    write_text(path, "old")

    def half(part: Path) -> None:
        part.write_text("ne")
        raise fault

    with pytest.raises(LowfaceError if isinstance(fault, Exception) else type(fault)) as raised:
        write_whole(path, half)
    if isinstance(fault, Exception):
        reason = "No space left on device" if isinstance(fault, OSError) else "half"
        assert str(raised.value) == f"{path}: cannot be written ({reason})"
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["kept.txt"]


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LowfaceError, match=r"file/run/x\.txt: cannot be written \(Not a directory\)"):
        write_text(tmp_path / "file" / "run" / "x.txt", "")


HOLD = """
import sys
from pathlib import Path
from lowface_core.files import exclusive
with exclusive(Path(sys.argv[1]), "not said"):
    print("mine", flush=True)
    sys.stdin.readline()
"""


def hold(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "mine\n"
    return process


def test_one_process_waits_for_the_other_and_says_so_or_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "made" / "x.lock"
    with hold(path) as holder:
        with pytest.raises(LowfaceError, match=r"^busy$"), exclusive(path, "busy"):
            pass
        said = []

        def let_go(text: str, file: object) -> None:
            said.append(text)
            holder.stdin.write("\n")
            holder.stdin.flush()

        monkeypatch.setattr(files, "print", let_go, raising=False)
        with exclusive(path, "busy", wait=True):
            assert holder.wait(timeout=30) == 0
    assert said == ["busy"]
    with exclusive(path, "busy"), pytest.raises(LowfaceError, match="busy"), exclusive(path, "busy"):
        pass


def test_a_process_that_was_killed_holds_nothing(tmp_path: Path):
    with hold(tmp_path / "x.lock") as holder:
        holder.kill()
        holder.wait(timeout=30)
    with exclusive(tmp_path / "x.lock", "busy"):
        assert (tmp_path / "x.lock").is_file()


def test_a_file_system_without_locks_is_an_error_and_no_endless_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*args: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(OSError, match="No locks available"):
        exclusive(tmp_path / "x.lock", "busy", wait=True).__enter__()


@pytest.mark.parametrize(
    "name", [b"a" * 240 + b".png", ("名" * 80 + ".png").encode(), b"-x.png", b"a\nb.png", b"caf\xe9.png"]
)
def test_a_file_may_have_any_name_that_the_system_takes(tmp_path: Path, name: bytes):
    path = Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name)))
    write_json(path, {"name": path.name})
    assert os.listdir(os.fsencode(tmp_path)) == [name]
    assert json.loads(path.read_text(encoding="utf-8")) == {"name": path.name}


@pytest.mark.parametrize("name", ["x" * 300, "x/" + "y" * 300, "x" * 300 + "/y"])
def test_a_name_that_is_too_long_is_one_line(tmp_path: Path, name: str):
    with pytest.raises(LowfaceError, match=r"cannot be written \(File name too long\)"):
        write_text(tmp_path / name, "")


LIMITED = """
import resource, signal, sys
from pathlib import Path
import numpy as np, torch
from PIL import Image
from safetensors.torch import save_file
from lowface_core.errors import LowfaceError
from lowface_core.files import write_whole
many = torch.rand(200_000)
pixels = (many[:199_800] * 255).byte().numpy().reshape(-1, 666, 3)
writers = {
    "torch": lambda part: torch.save({"a": many}, part),
    "safetensors": lambda part: save_file({"a": many}, part),
    "npz": lambda part: np.savez(part, a=many.numpy()),
    "picture": lambda part: Image.fromarray(pixels).save(part, "PNG"),
    "text": lambda part: part.write_text("x" * 300_000),
}
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
for name, write in writers.items():
    try:
        write_whole(Path(sys.argv[1]) / f"kept.{name}", write)
        print("written", name)
    except LowfaceError as error:
        print(error)
"""


def test_whatever_writes_a_file_too_large_names_it(tmp_path: Path):
    for name in ("torch", "safetensors", "npz", "picture", "text"):
        (tmp_path / f"kept.{name}").write_text("old")
    done = subprocess.run([sys.executable, "-c", LIMITED, str(tmp_path)], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert len(lines) == 5, done.stdout + done.stderr
    for name, line in zip(("torch", "safetensors", "npz", "picture", "text"), lines, strict=True):
        assert line.startswith(f"{tmp_path}/kept.{name}: cannot be written (")
        assert "inline_container" not in line
        assert (tmp_path / f"kept.{name}").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 5


GONE = 2**22 + 1  # no process has this number


@pytest.mark.parametrize("name", ["a.png", "last.pth", "x" * 250, "é\n.json"])
def test_the_first_write_into_a_folder_clears_what_a_killed_process_left(tmp_path: Path, name: str):
    part_of(tmp_path / name, GONE).write_text("half")
    part_of(tmp_path / "another.png", GONE).write_text("half")
    write_text(tmp_path / "new.txt", "")
    assert [p.name for p in tmp_path.iterdir()] == ["new.txt"]


def test_what_others_are_writing_and_what_is_no_part_stays(tmp_path: Path):
    elsewhere = tmp_path / f".{'0' * 16}.000000-1.part"
    old = tmp_path / f".{'1' * 16}.000000-1.part.png"
    for path in (
        part_of(tmp_path / "a.png", os.getppid()),
        elsewhere,
        old,
        tmp_path / ".notes.part",
        tmp_path / ".part.1",
    ):
        path.write_text("")
    os.utime(old, (1, 1))
    drop_parts(tmp_path)
    assert len(list(tmp_path.iterdir())) == 4
    assert not old.exists()
