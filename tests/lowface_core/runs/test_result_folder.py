from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from lowface_core.errors import LowfaceError
from lowface_core.runs.result_folder import choose

RESULT: dict[str, Any] = {
    "kind": "evaluation", "title": "A", "pictures": 1, "data": "", "manifest": {"seed": 1}, "columns": {}, "table": {}
}  # fmt: skip
ASKED = {"metrics": {"psnr": {"type": "psnr"}}, "batch_size": 8}


@pytest.fixture(autouse=True)
def _in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_an_interrupted_command_goes_on_from_its_last_save():
    with choose("evaluate", "gamma", ASKED, "r") as folder:
        assert folder.state() is None
        folder.line({"key": "a", "enhanced": {"psnr": float("inf")}})
        folder.thumbnails.offer("sample", "a", {"low": torch.zeros(3, 4, 4)})
        folder.save({"sum": torch.ones(2), "done": 1})
        folder.line({"key": "b"})  # written after the save: computed again
    with choose("evaluate", "gamma", ASKED, "r") as folder:
        state = folder.state()
        assert state is not None
        assert state["done"] == 1
        assert state["sum"].tolist() == [1, 1]
        folder.line({"key": "b"})
        folder.finish(RESULT)
    lines = [json.loads(line) for line in Path("r/pictures.jsonl").read_text().splitlines()]
    assert lines == [{"key": "a", "enhanced": {"psnr": None}}, {"key": "b"}]
    assert sorted(p.name for p in Path("r").iterdir()) == ["pictures", "pictures.jsonl", "result.json"]
    assert [entry["key"] for entry in json.loads(Path("r/pictures/index.json").read_text())] == ["a"]


def test_without_a_saved_state_it_starts_anew():
    with choose("evaluate", "gamma", ASKED, "r") as folder:
        folder.line({"key": "a"})
    with choose("evaluate", "gamma", ASKED, "r") as folder:
        assert folder.state() is None
        folder.line({"key": "first"})
        folder.finish(RESULT)
    assert Path("r/pictures.jsonl").read_text() == '{"key": "first"}\n'


def test_a_command_that_fails_before_its_first_picture_leaves_no_trace():
    with choose("evaluate", "gamma", ASKED, "r") as folder:
        folder.state()
    assert not Path("r").exists()
    assert choose("evaluate", "gamma", {}, "r").state() is None


def test_overwriting_drops_the_old_pictures():
    with choose("evaluate", "gamma", ASKED, "r") as folder:
        folder.thumbnails.offer("sample", "a", {"low": torch.zeros(3, 4, 4)})
        folder.line({"key": "a"})
        folder.finish(RESULT)
    assert len(list(Path("r/pictures").iterdir())) == 2
    with choose("evaluate", "gamma", {"other": 1}, "r", overwrite=True) as folder:
        folder.finish(RESULT)
    assert [p.name for p in Path("r/pictures").iterdir()] == ["index.json"]
    assert Path("r/pictures.jsonl").read_text() == ""


def test_two_processes_cannot_work_on_one_result():
    with (
        choose("evaluate", "gamma", ASKED, "r"),
        pytest.raises(LowfaceError, match="r: another process is working on this result"),
    ):
        choose("evaluate", "gamma", ASKED, "r")


def test_what_a_killed_process_left_after_finishing_is_tidied_up():
    with choose("evaluate", "gamma", ASKED, "r") as folder:
        folder.finish(RESULT)
    Path("r/.unfinished").mkdir()
    Path("r/.unfinished/state.pth").write_bytes(b"")
    assert choose("evaluate", "gamma", ASKED, "r").finished is not None
    assert not Path("r/.unfinished").exists()


def test_a_state_that_cannot_be_read_makes_it_start_anew(capsys: pytest.CaptureFixture[str]):
    with choose("evaluate", "gamma", ASKED, "r") as folder:
        folder.line({"key": "a"})
        folder.save({"done": 1})
    Path("r/.unfinished/state.pth").write_bytes(b"half")
    with choose("evaluate", "gamma", ASKED, "r") as folder:
        assert folder.interrupted
        assert folder.state() is None
    assert capsys.readouterr().err.startswith("starting anew: r/.unfinished/state.pth: cannot be read")


def done(given: str | None = None, **changes: Any) -> Path:
    with choose("evaluate", "gamma", {**ASKED, **changes}, given) as folder:
        folder.finish(RESULT)
        return folder.path


def test_the_default_folder_is_numbered_when_it_holds_another_result():
    assert str(done()) == "work_dirs/evaluate/gamma"
    assert str(done(batch_size=4)) == "work_dirs/evaluate/gamma-2"
    assert str(choose("evaluate", "gamma", {**ASKED, "batch_size": 4}).path) == "work_dirs/evaluate/gamma-2"
    assert str(choose("identify", "../a b", ASKED).path) == "work_dirs/identify/a-b"


def test_a_finished_equal_result_is_read_back_unless_overwritten():
    done("r")
    with choose("evaluate", "gamma", ASKED, "r") as folder:
        assert folder.finished is not None
        assert folder.finished["title"] == "A"
        assert folder.finished["manifest"]["seed"] == 1
    with choose("evaluate", "gamma", ASKED, "r", overwrite=True) as folder:
        assert folder.finished is None
        assert not Path("r/result.json").exists()


@pytest.mark.parametrize("finish", [True, False])
def test_other_settings_are_refused_in_one_line(finish: bool):
    with choose("evaluate", "gamma", ASKED, "r") as folder:
        folder.save({})
        if finish:
            folder.finish(RESULT)
    what = "another result" if finish else "an unfinished result with other settings"
    with pytest.raises(LowfaceError) as raised:
        choose("evaluate", "gamma", {**ASKED, "metrics": {"psnr": {"type": "ssim"}}}, "r")
    assert str(raised.value) == (
        f"r: holds {what} (metrics.psnr.type 'psnr', now 'ssim'); "
        "give another --work-dir, or --overwrite to drop what is there"
    )


def test_a_broken_result_is_left_alone_until_it_is_overwritten():
    path = done()
    (path / "result.json").write_text("{")
    assert str(done()) == "work_dirs/evaluate/gamma-2"
    with pytest.raises(LowfaceError, match="gamma: holds another result"):
        choose("evaluate", "gamma", ASKED, path)
    with choose("evaluate", "gamma", ASKED, path, overwrite=True) as folder:
        assert folder.finish(RESULT)["title"] == "A"


def test_foreign_folders_are_left_alone(tmp_path: Path):
    Path("photos").mkdir()
    Path("photos/a.jpg").write_bytes(b"precious")
    for overwrite in (False, True):
        with pytest.raises(LowfaceError, match="photos: is not empty and holds no result"):
            choose("evaluate", "gamma", ASKED, "photos", overwrite)
    Path("run").mkdir()
    Path("run/manifest.json").write_text("{}")
    with pytest.raises(LowfaceError, match="run: holds a training run"):
        choose("evaluate", "gamma", ASKED, "run")
    with pytest.raises(LowfaceError, match="is a file; --work-dir is a folder"):
        choose("evaluate", "gamma", ASKED, "photos/a.jpg")


def test_a_folder_that_cannot_be_written_is_one_line():
    Path("file").write_text("")
    with pytest.raises(LowfaceError, match="file/r: cannot be written"):
        choose("evaluate", "gamma", ASKED, "file/r")
