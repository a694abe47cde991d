from __future__ import annotations

from pathlib import Path

import pytest
import torch

from lowface_core.errors import LowfaceError, WeightsError
from lowface_core.runs import checkpoint
from lowface_core.train.resume import NEEDED


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


W = torch.rand(2, 3)
WHOLE = {
    "lowface": "0.1.0",
    "iter": 3,
    "unmeasured": False,
    "seconds": 1.5,
    "state_dict": {"w": W},
    "model": {"enhancer.w": W},
    "optimizer": {"state": {}},
    "random": {"cpu": torch.get_rng_state()},
    "best": {},
    "config": {"lr": 1},
    "enhancer_config": {"type": "retinex"},
}
WRONG: list[tuple[str, object, str]] = [
    ("format", "1", "format must be a whole number, not '1'"),
    ("format", torch.ones(2), "format must be a whole number, not Tensor"),
    ("iter", "three", "iter must be a whole number, not 'three'"),
    ("iter", True, "iter must be a whole number, not True"),
    ("seconds", None, "seconds must be a number, not NoneType"),
    ("unmeasured", 1, "unmeasured must be True or False, not 1"),
    ("state_dict", [W], "state_dict must be a dict, not list"),
    ("state_dict", {"w": 3}, "state_dict['w'] must be a tensor with a name, not 3"),
    ("model", {7: W}, "model[7] must be a tensor with a name, not Tensor"),
    ("random", W, "random must be a dict, not Tensor"),
    ("best", "psnr", "best must be a dict, not 'psnr'"),
    ("config", [], "config must be a dict, not list"),
    ("config", {"val_dataset": {"low": [1, W]}}, "config.val_dataset.low.1 must be plain data, not Tensor"),
    ("config", {"heads": {"a": b"x"}}, "config.heads.a must be plain data, not bytes"),
    ("enhancer_config", {"type": "retinex", "channels": W}, "enhancer_config.channels must be plain data, not Tensor"),
    ("best", {"psnr": W}, "best.psnr must be plain data, not Tensor"),
    ("enhancer_config", {"channels": 16}, "enhancer_config must name its type and keywords"),
    ("enhancer_config", {"type": "retinex", 3: 4}, "enhancer_config must name its type and keywords"),
]


@pytest.mark.parametrize(("key", "value", "said"), WRONG)
def test_what_is_of_another_type_is_named_with_what_was_expected(tmp_path: Path, key: str, value: object, said: str):
    path = tmp_path / "last.pth"
    checkpoint.save(path, {**WHOLE, key: value})
    with pytest.raises(WeightsError) as raised:
        checkpoint.load(path)
    assert str(raised.value) == f"{path}: is damaged ({said}); take another checkpoint"


@pytest.mark.parametrize("key", NEEDED)
def test_a_missing_key_is_named_where_it_is_needed(tmp_path: Path, key: str):
    checkpoint.save(tmp_path / "whole.pth", WHOLE)
    assert set(checkpoint.load(tmp_path / "whole.pth", NEEDED)) == {"format", *WHOLE}
    path = tmp_path / "last.pth"
    checkpoint.save(path, {k: v for k, v in WHOLE.items() if k != key})
    checkpoint.load(path)
    with pytest.raises(WeightsError, match=rf"last\.pth: is damaged \({key} is missing\)"):
        checkpoint.load(path, NEEDED)


@pytest.mark.parametrize("key", ["state_dict", "model"])
@pytest.mark.parametrize("odd", [W.to_sparse(), W.to("meta"), W.to(torch.complex64), torch.zeros(1).expand(10**12)])
def test_tensors_that_are_not_plain_are_named(tmp_path: Path, key: str, odd: torch.Tensor):
    checkpoint.save(tmp_path / "last.pth", {**WHOLE, key: {"layer.w": odd}})
    with pytest.raises(WeightsError, match=rf"last\.pth: {key}\.layer\.w .*; only plain tensors can be used"):
        checkpoint.load(tmp_path / "last.pth")
