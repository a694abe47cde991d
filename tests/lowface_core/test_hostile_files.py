"""Full disks, pipes, endless nesting and escape codes, wherever a command meets them."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowface_core.cli import _Stderr, config
from lowface_core.config.load import read
from lowface_core.data.images import write_image
from lowface_core.data.normal_form import printable
from lowface_core.errors import LowfaceError
from lowface_core.files import json_of, naming, read_text
from lowface_core.runs.result_folder import PICTURES, choose
from lowface_core.train.recorder import Recorder

DEEP = '{"a":' * 20_000 + "1" + "}" * 20_000


@pytest.fixture
def full() -> Any:
    """A file on a disk that is full."""
    return Path("/dev/full")


@pytest.mark.parametrize("act", ["line", "close"])
def test_a_full_disk_names_the_file_of_a_trainings_numbers(tmp_path: Path, full: Path, act: str):
    recorder = Recorder(tmp_path, 10, 0, 1)
    recorder._file.close()
    recorder._file = full.open("w", encoding="utf-8")
    if act == "close":
        recorder._file.write("x")
    with pytest.raises(LowfaceError, match=r"metrics\.jsonl: cannot be written \(No space left on device\)"):
        recorder.line(1, "train", {"loss": 1.0}) if act == "line" else recorder.close()


@pytest.mark.parametrize("act", ["line", "save", "finish", "leave"])
def test_a_full_disk_names_the_file_of_pictures_numbers(tmp_path: Path, full: Path, act: str):
    folder = choose("evaluate", "x", {}, tmp_path / "out")
    folder._lines = full.open("ab", buffering=0 if act == "line" else -1)
    do: dict[str, Callable[[], Any]] = {
        "line": lambda: folder.line({"a": 1}),
        "save": lambda: (folder.line({"a": 1}), folder.save({})),
        "finish": lambda: (folder.line({"a": 1}), folder.finish({})),
        "leave": lambda: (folder.line({"a": 1}), folder.__exit__()),
    }
    with pytest.raises(LowfaceError, match=rf"{PICTURES}: cannot be written \(No space left on device\)"):
        do[act]()


@pytest.mark.parametrize("name", ["lowfacenet", "lowfacenet_celeba", "recognition"])
def test_a_config_is_copied_whole_or_not_at_all(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def half(path: Path, *_: Any, **__: Any) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", lambda source, path: half(path))
    monkeypatch.setattr(Path, "write_text", half)
    with pytest.raises(LowfaceError, match=r"mine\.py: cannot be written \(No space left on device\)"):
        config.copy.callback(name, tmp_path / "mine.py")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["split.json", "pairs.txt", "config.yaml"])
def test_a_pipe_is_refused_rather_than_waited_for(tmp_path: Path, name: str):
    os.mkfifo(tmp_path / name)
    with pytest.raises(OSError, match="is a pipe or a device, not a file"):
        read_text(tmp_path / name)


def test_every_reader_of_what_people_give_says_so(tmp_path: Path):
    from lowface_core.runs.results import read_json
    from lowface_data.folders.layout import read_splits
    from lowface_data.folders.picture_store import read_landmarks
    from lowface_recognition.pairs import read_pairs

    os.mkfifo(tmp_path / "pipe.json")
    for read_one in (read_json, read_splits, read_landmarks, lambda path: read_pairs(path, tmp_path)):
        with pytest.raises(LowfaceError, match=r"pipe\.json: cannot be read"):
            read_one(tmp_path / "pipe.json")


@pytest.mark.parametrize("command", ["evaluate", "enhance"])
def test_a_pipe_among_pictures_is_named(lowface: Any, tmp_path: Path, command: str):
    write_image(tmp_path / "in" / "good.png", np.zeros((3, 8, 8), np.float32))
    os.mkfifo(tmp_path / "in" / "pipe.png")
    (tmp_path / "in" / "device.png").symlink_to("/dev/zero")
    words = {
        "evaluate": ("--enhanced", "in", "--reference", "in", "--work-dir", "out"),
        "enhance": ("in", "-o", "out", "--checkpoint", "gamma"),
    }
    done = lowface(command, *words[command])
    assert done.code == 1
    assert "device.png: the file is empty" in done.err
    assert command == "evaluate" or "pipe.png: the file is empty" in done.err


@pytest.mark.parametrize("text", [DEEP, "[" * 50_000, '{"train": ' + "[" * 30_000 + "]" * 30_000 + "}"])
def test_json_without_end_is_no_json(tmp_path: Path, text: str):
    from lowface_core.runs.results import read_json
    from lowface_data.folders.layout import read_splits

    with pytest.raises(ValueError, match=r"deep|Expecting"):
        json_of(text)
    (tmp_path / "deep.json").write_text(text)
    for read_one in (read_json, read_splits, lambda path: read(str(path))):
        with pytest.raises(LowfaceError, match=r"deep\.json"):
            read_one(tmp_path / "deep.json")


@pytest.mark.parametrize("base", ["a", "b", "c"])
def test_configs_that_build_on_each_other_are_refused(tmp_path: Path, base: str):
    for name, other in (("a", "b"), ("b", "c"), ("c", base)):
        (tmp_path / f"{name}.json").write_text(json.dumps({"_base_": f"{other}.json"}))
    with pytest.raises(LowfaceError, match="_base_ leads back to"):
        read(str(tmp_path / "a.json"))


NAMES = {"\x1b[2Jclear.png": "\\x1b[2Jclear.png", "bell\x07.png": "bell\\x07.png", "\x9b31mred.png": "\\x9b31mred.png"}


@pytest.mark.parametrize("name", NAMES)
def test_escape_codes_in_names_do_not_reach_the_terminal(name: str, capsys: pytest.CaptureFixture[str]):
    assert printable(f"{name}\nnext\tline") == f"{NAMES[name]}\nnext\tline"
    record = logging.LogRecord("lowface", logging.WARNING, "", 0, "%s: skipped", (name,), None)
    _Stderr().emit(record)
    assert capsys.readouterr().err == f"lowface: {NAMES[name]}: skipped\n"


def test_nor_do_those_of_an_error(lowface: Any, tmp_path: Path):
    done = lowface("enhance", str(tmp_path / "\x1b[31mgone.png"), "-o", str(tmp_path / "out"))
    assert done.code == 1
    assert "\x1b" not in done.err
    assert "\\x1b[31mgone.png: no such picture" in done.err


def test_a_file_that_is_added_to_names_itself():
    refused = pytest.raises(LowfaceError, match=r"^x: cannot be written \(No space left on device\)")
    with refused, naming(Path("x")):
        Path("/dev/full").write_text("x")
