from __future__ import annotations

import json
from pathlib import Path

import pytest

from lowface_core.errors import LowfaceError
from lowface_core.files import write_json, write_text, write_whole


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

    with pytest.raises(LowfaceError if isinstance(fault, OSError) else type(fault)) as raised:
        write_whole(path, half)
    if isinstance(fault, OSError):
        assert str(raised.value) == f"{path}: cannot be written (No space left on device)"
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["kept.txt"]


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LowfaceError, match=r"file/run/x\.txt: cannot be written \(Not a directory\)"):
        write_text(tmp_path / "file" / "run" / "x.txt", "")
