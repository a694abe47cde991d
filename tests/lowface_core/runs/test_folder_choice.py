from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lowface_core.errors import LowfaceError
from lowface_core.runs.result_folder import choose

RESULT: dict[str, Any] = {
    "kind": "evaluation", "title": "A", "pictures": 1, "data": "", "manifest": {"seed": 1}, "columns": {}, "table": {}
}  # fmt: skip
ASKED = {"metrics": {"psnr": {"type": "psnr"}}, "batch_size": 8}


@pytest.fixture(autouse=True)
def _in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


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
