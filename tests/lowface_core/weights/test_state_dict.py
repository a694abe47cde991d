from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from lowface_core.errors import WeightsError
from lowface_core.weights.state_dict import load_weights, prepare_state, read_file, read_state, state_dict_of


def network() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2))


@pytest.mark.parametrize(
    "wrap",
    [
        lambda s: s,
        lambda s: {"state_dict": s, "epoch": 3},
        lambda s: {"model": s},
        lambda s: {f"module.{k}": v for k, v in s.items()},
        lambda s: {"net_state_dict": {f"module.net.{k}": v for k, v in s.items()}},
        lambda s: {"net_state_dict": {f"net.module.{k}": v for k, v in s.items()}},
        lambda s: {"model": {"state_dict": {f"_orig_mod.{k}": v for k, v in s.items()}}, "epoch": 3},
        lambda s: {"generator": s, "optimizer": {"state": {}, "param_groups": []}},
        lambda s: {"params": {k: v * 0 for k, v in s.items()}, "params_ema": s},
        lambda s: OrderedDict(s),
    ],
)
def test_wrappers_and_prefixes_of_public_checkpoints_are_peeled_off(tmp_path: Path, wrap: Any):
    source, target = network(), network()
    torch.save(wrap(source.state_dict()), tmp_path / "w.pth")
    load_weights(target, tmp_path / "w.pth")
    assert all(
        torch.equal(a, b) for a, b in zip(source.state_dict().values(), target.state_dict().values(), strict=True)
    )


def test_safetensors_are_read(tmp_path: Path):
    save_file({"a": torch.arange(3.0)}, tmp_path / "w.safetensors")
    assert torch.equal(read_state(tmp_path / "w.safetensors")["a"], torch.arange(3.0))


def test_keys_are_renamed_or_left_out(tmp_path: Path):
    source, target = nn.Linear(2, 2), nn.Linear(2, 2)
    torch.save(
        {"fc.weight": source.weight, "fc.bias": source.bias, "classifier.weight": torch.ones(9)}, tmp_path / "w.pth"
    )
    load_weights(target, tmp_path / "w.pth", lambda k: k.removeprefix("fc.") if k.startswith("fc.") else None)
    assert torch.equal(source.weight, target.weight)


def test_misfits_are_listed_and_nothing_is_loaded(tmp_path: Path):
    target = network()
    before = {k: v.clone() for k, v in target.state_dict().items()}
    state = {**network().state_dict(), "0.weight": torch.zeros(5, 3, 1, 1), "extra": torch.zeros(1)}
    del state["1.bias"]
    torch.save(state, tmp_path / "w.pth")
    with pytest.raises(WeightsError) as raised:
        load_weights(target, tmp_path / "w.pth")
    assert str(raised.value) == (
        f"{tmp_path}/w.pth: does not fit Sequential: 1.bias missing; extra unexpected; "
        "0.weight is (5, 3, 1, 1), not (2, 3, 1, 1)"
    )
    assert all(torch.equal(v, before[k]) for k, v in target.state_dict().items())


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("pwned",)


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("w.pth", b"", "cannot be read as weights"),
        ("w.pth", b"no weights at all", "cannot be read as weights"),
        ("w.safetensors", b"\x08\0\0\0\0\0\0\0garbage!", "cannot be read as weights"),
        ("w.pth", "evil", "holds objects other than tensors"),
        ("w.pth", "cut", "cannot be read as weights"),
        ("w.pth", {"a": 1}, "holds no tensors"),
        ("w.pth", [1, 2], "holds no state dict but list"),
    ],
)
def test_corrupt_weights_are_one_line_that_names_the_file(tmp_path: Path, capsys, name: str, content: Any, part: str):
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.save(
            {"a": Evil()} if content == "evil" else network().state_dict() if content == "cut" else content, path
        )
    if content == "cut":
        path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(WeightsError, match=part) as raised:
        read_state(path)
    assert str(raised.value).startswith(str(path))
    assert "\n" not in str(raised.value)
    assert "pwned" not in capsys.readouterr().out


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(WeightsError, match=r"gone\.pth: no such weights file"):
        read_file(tmp_path / "gone.pth")


def test_several_state_dicts_without_a_usual_name_are_an_error_with_their_names(tmp_path: Path):
    torch.save({"generator": network().state_dict(), "critic": network().state_dict()}, tmp_path / "w.pth")
    with pytest.raises(WeightsError, match=r"holds 2 state dicts \(generator, critic\); save one of them"):
        read_state(tmp_path / "w.pth")


class Wrapping(nn.Module):
    """Its own keys begin with what other files have as a prefix to be taken off."""

    def __init__(self) -> None:
        super().__init__()
        self.net = network()


@pytest.mark.parametrize("prefix", ["", "net.", "module.", "module.net."])
def test_prefixes_that_are_a_modules_own_make_no_difference(tmp_path: Path, prefix: str):
    source, target = network(), Wrapping()
    torch.save({prefix + k: v for k, v in source.state_dict().items()}, tmp_path / "w.pth")
    load_weights(target, tmp_path / "w.pth")
    assert torch.equal(source[0].weight, target.net[0].weight)


def test_a_prefix_that_only_some_keys_have_stays(tmp_path: Path):
    torch.save({"net.a": torch.ones(1), "other": torch.ones(1)}, tmp_path / "w.pth")
    assert set(read_state(tmp_path / "w.pth")) == {"net.a", "other"}


def test_subnormal_weights_become_zero_and_the_log_says_how_many(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    torch.save({"w": torch.tensor([1e-40, -1e-41, 0.0, 1e-30, 1.0]), "n": torch.tensor([1])}, tmp_path / "w.pth")
    with caplog.at_level("INFO", logger="lowface"):
        state = read_state(tmp_path / "w.pth")
    assert torch.equal(state["w"], torch.tensor([0.0, 0.0, 0.0, 1e-30, 1.0]))
    assert torch.equal(state["n"], torch.tensor([1]))
    assert caplog.messages == [f"{tmp_path}/w.pth: 2 of 6 weights were subnormal and set to zero"]
    caplog.clear()
    torch.save({"a": torch.ones(3)}, tmp_path / "w.pth")
    with caplog.at_level("INFO", logger="lowface"):
        read_state(tmp_path / "w.pth")
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("dtype", "value", "flushed"),
    [
        (torch.float16, 1e-6, False),  # subnormal in half precision only, and an ordinary number where networks compute
        (torch.bfloat16, 1e-39, True),
        (torch.float64, 1e-40, True),
        (torch.float64, 1e-300, True),
        (torch.float64, 1e-30, False),
    ],
)
def test_what_counts_is_the_precision_networks_compute_in(dtype: torch.dtype, value: float, flushed: bool):
    state = prepare_state({"w": torch.tensor([value], dtype=dtype)}, "w.pth")
    assert (state["w"].item() == 0) == flushed
    assert state["w"].dtype == dtype


def test_only_the_first_five_misfits_are_listed(tmp_path: Path):
    torch.save({f"k{i}": torch.zeros(1) for i in range(9)}, tmp_path / "w.pth")
    with pytest.raises(WeightsError) as raised:
        load_weights(network(), tmp_path / "w.pth")
    message = str(raised.value)
    assert message.count("missing") + message.count("unexpected") == 5
    assert message.endswith(" and 10 more")


def test_a_checkpoint_of_another_network_names_the_one_it_belongs_to(tmp_path: Path):
    torch.save({"state_dict": build_mobilefacenet().state_dict()}, tmp_path / "w.pth")
    with pytest.raises(WeightsError) as raised:
        load_weights(network(), tmp_path / "w.pth")
    message = str(raised.value)
    assert message.startswith(f"{tmp_path}/w.pth: does not fit Sequential: 0.weight missing; ")
    assert "; nearest registered architecture: head 'mobilefacenet' (" in message
    assert "\n" not in message


def build_mobilefacenet() -> nn.Module:
    from lowface_face.mobilefacenet import MobileFaceNetNet

    return MobileFaceNetNet()


def test_a_state_dict_keeps_only_tensors():
    assert list(state_dict_of({"a": torch.zeros(1), "epoch": 3}, "x")) == ["a"]
