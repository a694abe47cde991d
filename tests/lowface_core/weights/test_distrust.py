"""Files of weights that hold what they should not."""

from __future__ import annotations

import argparse
import fractions
import os
import pathlib
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lowface_core.config.build import build
from lowface_core.errors import WeightsError
from lowface_core.inference import resolve_enhancer
from lowface_core.weights import distrust
from lowface_core.weights.state_dict import prepare_state, read_file, read_state

W = torch.rand(4, 3)
ODD = {
    "sparse": (W.to_sparse(), "is sparse_coo"),
    "sparse rows": (W.to_sparse_csr(), "is sparse_csr"),
    "without data": (W.to("meta"), "holds no data"),
    "complex": (W.to(torch.complex64), "is of type complex64"),
    "nested": (torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]), "is nested"),
    "expanded": (torch.zeros(1).expand(10**11), r"says its shape is \(100000000000,\), but holds 4 bytes"),
}


@pytest.mark.parametrize("odd", ODD)
def test_tensors_that_are_not_plain_are_refused_by_name(tmp_path: Path, odd: str) -> None:
    value, said = ODD[odd]
    torch.save({"state_dict": {"a": W, "b.weight": value}}, tmp_path / "w.pth")
    with pytest.raises(WeightsError, match=rf"w\.pth: b\.weight {said}.*; only plain tensors can be used"):
        read_state(tmp_path / "w.pth")


def test_views_slices_and_shared_tensors_are_plain() -> None:
    state = {"a": W.t(), "b": W[1:3], "c": W, "empty": torch.zeros(0)}
    assert prepare_state(state, "x").keys() == state.keys()


class Runs:
    def __reduce__(self) -> Any:
        return os.mkdir, ("ran",)


FOREIGN = {
    "argparse.Namespace": argparse.Namespace(lr=1),
    "pathlib.PosixPath": pathlib.PosixPath("/data"),
    "fractions.Fraction": fractions.Fraction(1, 3),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_object_is_named_with_the_way_to_convert_the_file(tmp_path: Path, name: str) -> None:
    torch.save({"state_dict": {"w": W}, "args": FOREIGN[name]}, tmp_path / "w.pth")
    with pytest.raises(WeightsError) as raised:
        read_file(tmp_path / "w.pth")
    said = str(raised.value)
    assert said.startswith(
        f"{tmp_path / 'w.pth'}: holds objects other than tensors and plain data ({name}), which could"
    )
    if name == "fractions.Fraction":
        assert said.endswith("ask whoever made it for its state dict alone, torch.save(model.state_dict(), FILE)")
        return
    script = said.partition(' -c "')[2].rstrip('"')
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)
    assert torch.equal(read_state(tmp_path / "weights.pth")["w"], W)


def test_what_runs_code_does_not_run_and_no_way_to_run_it_is_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": {"w": W}, "args": Runs()}, "w.pth")
    with pytest.raises(WeightsError) as raised:
        read_file("w.pth")
    assert "add_safe_globals" not in str(raised.value)
    assert not Path("ran").exists()


@pytest.mark.parametrize("name", ["w.npz", "w.pth"])
def test_an_archive_that_unpacks_without_end_is_refused(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distrust, "ROOM", 2**20)
    path = tmp_path / name
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.npy", "w", force_zip64=True) as file,
    ):
        file.write(bytes(2**21))
    with pytest.raises(WeightsError, match=rf"{name}: \d+ bytes that unpack to \d+ are no weights"):
        read_file(path)
    np.savez_compressed(tmp_path / "zeros.npz", a=np.zeros((100, 100), np.float32))
    assert read_state(tmp_path / "zeros.npz")["a"].shape == (100, 100)


@pytest.mark.parametrize("config", [{"channels": 10**6}, {"channels": 10**9}, {"channels": 40_000}])
def test_a_network_larger_than_its_file_is_not_built(tmp_path: Path, config: dict[str, int]) -> None:
    state = build("enhancer", "retinex", channels=8).state_dict()
    content = {"format": 1, "lowface": "0.1.0", "state_dict": state, "enhancer_config": {"type": "retinex", **config}}
    torch.save(content, tmp_path / "last.pth")
    with pytest.raises(WeightsError, match=r"enhancer_config describes \d+ weights, and it holds \d+\)"):
        resolve_enhancer(tmp_path / "last.pth")


@pytest.mark.parametrize("dtype", [torch.bool, torch.int8, torch.int64])
def test_weights_that_are_no_floats_do_not_fit(tmp_path: Path, dtype: torch.dtype) -> None:
    state = build("enhancer", "retinex", channels=8).state_dict()
    first = next(iter(state))
    torch.save({**state, first: state[first].to(dtype)}, tmp_path / "w.pth")
    with pytest.raises(WeightsError, match=f"{first} is of type {str(dtype)[6:]}"):
        resolve_enhancer(tmp_path / "w.pth", {"type": "retinex", "channels": 8})


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_flipped_bits_are_told_by_the_check_sum(tmp_path: Path, place: str) -> None:
    path = tmp_path / "weights.pth"
    torch.save({"state_dict": {"w": torch.ones(1000)}}, path)
    content = bytearray(path.read_bytes())
    begin = content.find(struct.pack("<f", 1.0) * 100)
    content[begin + {"first": 2, "middle": 2002, "last": 3998}[place]] ^= 0x40  # 1.0 becomes 1.5
    path.write_bytes(content)
    assert torch.load(path, weights_only=True)["state_dict"]["w"].max() == 1.5  # torch says nothing
    with pytest.raises(WeightsError, match=r"weights\.pth: is damaged \(weights/data/0 in it has another check sum\)"):
        read_file(path)


def test_files_without_check_sums_are_read(tmp_path: Path) -> None:
    torch.serialization.set_crc32_options(False)
    try:
        torch.save({"w": torch.ones(3)}, tmp_path / "w.pth")
    finally:
        torch.serialization.set_crc32_options(True)
    assert read_file(tmp_path / "w.pth")["w"].tolist() == [1.0, 1.0, 1.0]
