from __future__ import annotations

from pathlib import Path

import pytest
import torch

from lowface_core.errors import LowfaceError, WeightsError
from lowface_core.runs import checkpoint


def test_what_was_saved_is_loaded(tmp_path: Path):
    checkpoint.save(tmp_path / "last.pth", {"iter": 3, "state_dict": {"w": torch.ones(2)}})
    content = checkpoint.load(tmp_path / "last.pth")
    assert content["iter"] == 3
    assert torch.equal(content["state_dict"]["w"], torch.ones(2))
    assert [p.name for p in tmp_path.iterdir()] == ["last.pth"]


def test_a_save_that_fails_leaves_the_previous_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    checkpoint.save(tmp_path / "last.pth", {"iter": 1})

    def half(content: object, part: Path) -> None:
        part.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(LowfaceError, match="No space left on device"):
        checkpoint.save(tmp_path / "last.pth", {"iter": 2})
    assert checkpoint.load(tmp_path / "last.pth")["iter"] == 1
    assert [p.name for p in tmp_path.iterdir()] == ["last.pth"]


def test_other_files_are_no_checkpoint_of_a_run(tmp_path: Path):
    torch.save({"w": torch.ones(1)}, tmp_path / "bare.pth")
    with pytest.raises(WeightsError, match="is not a checkpoint of a lowface run"):
        checkpoint.load(tmp_path / "bare.pth")
    torch.save({"format": 99, "lowface": "9.0"}, tmp_path / "new.pth")
    with pytest.raises(WeightsError, match=r"written by a newer lowface \(9\.0\)"):
        checkpoint.load(tmp_path / "new.pth")


def test_a_work_dir_stands_for_its_preferred_checkpoint(tmp_path: Path):
    with pytest.raises(LowfaceError, match=r"holds no checkpoint \(last\.pth or best\.pth\)"):
        checkpoint.in_work_dir(tmp_path)
    (tmp_path / "best.pth").write_bytes(b"")
    assert checkpoint.in_work_dir(tmp_path).name == "best.pth"
    (tmp_path / "last.pth").write_bytes(b"")
    assert checkpoint.in_work_dir(tmp_path).name == "last.pth"
    assert checkpoint.in_work_dir(tmp_path, ("best.pth", "last.pth")).name == "best.pth"


def test_random_numbers_go_on_where_they_were():
    state = checkpoint.random_state()
    first = torch.rand(3)
    checkpoint.restore_random_state(state)
    assert torch.equal(torch.rand(3), first)
