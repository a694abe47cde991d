"""SSIENet's variables out of a TensorFlow checkpoint, which the tests write byte by byte."""

from __future__ import annotations

import importlib
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

import lowface_core as lf
from lowface_core.errors import WeightsError

NUMBERS = {"float32": 1, "float64": 2, "int32": 3, "int64": 9}


@pytest.fixture
def bundle(root: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(root / "tools"))
    return importlib.import_module("tensor_bundle")


@pytest.fixture
def convert(bundle: ModuleType, tool: Callable[[str], ModuleType]) -> Callable[..., list[str]]:
    return tool("ssienet_from_tensorflow").convert


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def block(entries: list[tuple[bytes, bytes]]) -> bytes:
    """Entries that share the beginnings of their keys, one restart, no compression; the checksum is not looked at."""
    out, before = b"", b""
    for key, value in entries:
        shared = next(
            (i for i, (a, b) in enumerate(zip(key, before, strict=False)) if a != b), min(len(key), len(before))
        )
        out += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        before = key
    return out + struct.pack("<II", 0, 1)


def write(bundle: ModuleType, prefix: Path, variables: Mapping[str, np.ndarray], a_block: int = 5) -> None:
    """A checkpoint as TensorFlow lays it out, with so many entries in a block."""
    data, entries = b"", [(b"", field(1, 1) + field(3, field(1, 1)))]
    for name, value in sorted(variables.items()):
        held = value.tobytes()
        shape = b"".join(field(2, field(1, size)) for size in value.shape)
        check = varint(6 << 3 | 5) + struct.pack("<I", bundle.mask(bundle.crc32c(held)))
        place = (field(4, len(data)) if data else b"") + field(5, len(held))
        type = NUMBERS.get(value.dtype.name, 7)
        entries.append((name.encode(), field(1, type) + field(2, shape) + place + check))
        data += held
    table, handles = b"", []
    for first in range(0, len(entries), a_block):
        content = block(entries[first : first + a_block])
        last = entries[first : first + a_block][-1][0]
        handles.append((last + b"~", varint(len(table)) + varint(len(content))))
        table += content + b"\0" + b"crc?"
    places = b""
    for content in (block([]), block(handles)):
        places += varint(len(table)) + varint(len(content))
        table += content + b"\0" + b"crc?"
    table += places.ljust(40, b"\0") + bundle.MAGIC
    prefix.with_name(prefix.name + ".index").write_bytes(table)
    prefix.with_name(prefix.name + ".data-00000-of-00001").write_bytes(data)


def variables_of(width: int) -> dict[str, np.ndarray]:
    """A drawn network's weights as TensorFlow has them, and what is beside them in a checkpoint."""
    torch.manual_seed(0)
    found = {}
    for key, value in lf.build("enhancer", "ssienet", width=width).state_dict().items():
        name, kind = key.split(".")
        array = value.permute(2, 3, 1, 0).contiguous().numpy() if kind == "weight" else value.numpy()
        found[f"DecomNet/{name}/{'kernel' if kind == 'weight' else kind}"] = array
    moments = {f"{name}/Adam": value for name, value in found.items()}
    return {**found, **moments, "beta1_power": np.array(0.5, "float32"), "step": np.array(6000, "int64")}


def test_the_checksum_is_that_of_the_standard(bundle: ModuleType) -> None:
    assert bundle.crc32c(b"123456789") == 0xE3069283
    assert bundle.crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4
    assert bundle.mask(0) == 0xA282EAD8


def test_what_was_written_is_read(bundle: ModuleType, tmp_path: Path) -> None:
    given = {
        "a": np.arange(300, dtype="float32").reshape(3, 1, 100),
        "ab/c": np.array(7, "int64"),
        "ab/d": np.array([], "float64"),
        "text": np.array([1], "uint8"),  # of a type that is not read
    }
    for a_block in (1, 2, 9):
        write(bundle, tmp_path / "model-3", given, a_block)
        found = bundle.read_bundle(tmp_path / "model-3")
        assert sorted(found) == ["a", "ab/c", "ab/d"]
        for name, value in found.items():
            assert value.dtype == given[name].dtype
            assert np.array_equal(value, given[name])


def test_the_network_is_the_same(convert: Callable[..., list[str]], bundle: ModuleType, tmp_path: Path) -> None:
    write(bundle, tmp_path / "model-6000", variables_of(8))
    names = convert(tmp_path / "model-6000.index", tmp_path / "own.npz")
    assert len(names) == 18
    assert all(name.startswith("DecomNet.") and "Adam" not in name for name in names)
    low = torch.rand(1, 3, 20, 24, generator=torch.Generator().manual_seed(1))
    torch.manual_seed(0)
    drawn = lf.build("enhancer", "ssienet", width=8).eval()
    loaded = lf.build("enhancer", "ssienet", width=8, weights=str(tmp_path / "own.npz")).eval()
    assert torch.equal(drawn(low)["enhanced"], loaded(low)["enhanced"])


def test_the_published_variables_pass_through(
    convert: Callable[..., list[str]], bundle: ModuleType, shared: Path, tmp_path: Path
) -> None:
    with np.load(shared / "weights" / "ssienet_6000.npz") as published:
        given = {name: published[name] for name in published}
    write(bundle, tmp_path / "model-6000", {name.replace(".", "/"): value for name, value in given.items()})
    convert(tmp_path / "model-6000", tmp_path / "own.npz")
    with np.load(tmp_path / "own.npz") as made:
        assert sorted(made) == sorted(given)
        assert all(np.array_equal(made[name], given[name]) for name in made)


def test_faults_are_one_line_and_leave_nothing(
    convert: Callable[..., list[str]], bundle: ModuleType, tmp_path: Path
) -> None:
    prefix, target = tmp_path / "model-6000", tmp_path / "own.npz"
    index, data = tmp_path / "model-6000.index", tmp_path / "model-6000.data-00000-of-00001"

    def refused(reason: str) -> None:
        with pytest.raises(WeightsError, match=reason) as caught:
            convert(prefix, target)
        assert "\n" not in str(caught.value)
        assert not target.exists()

    refused(r"model-6000.index: cannot be read \(No such file")
    whole = variables_of(8)
    write(bundle, prefix, whole)
    for place in (0, -1):  # the first block, the magic number
        table = bytearray(index.read_bytes())
        table[place] ^= 255
        index.write_bytes(table)
        refused("is no index of a TensorFlow checkpoint, or damaged")
        write(bundle, prefix, whole)
    held = bytearray(data.read_bytes())
    held[5] ^= 1
    data.write_bytes(held)
    refused("is damaged")
    data.write_bytes(held[:-100])
    refused("is cut off|is damaged")
    write(bundle, prefix, {name: value for name, value in whole.items() if "recon_layer" not in name})
    refused("ssienet")
    target.write_bytes(b"mine")
    with pytest.raises(WeightsError, match="exists"):
        convert(prefix, target)
    assert target.read_bytes() == b"mine"
