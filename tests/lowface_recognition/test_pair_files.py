"""Packs of pairs, and what the commands make of them."""

from __future__ import annotations

import io
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lowface_core.config.build import build_from
from lowface_core.errors import DataError
from lowface_recognition.pair_files import open_pairs


def jpeg(person: int, number: int) -> bytes:
    """A picture of somebody, whose pattern the recogniser of these tests knows."""
    pattern = np.random.default_rng(person).random((8, 8, 3))
    pixels = np.clip(pattern.repeat(4, 0).repeat(4, 1) + np.random.default_rng([person, number]).normal(0, 0.05), 0, 1)
    stream = io.BytesIO()
    Image.fromarray((pixels * 255).astype(np.uint8)).save(stream, "JPEG", quality=95)
    return stream.getvalue()


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Twenty pairs in ten blocks of a genuine and an impostor pair each."""
    pictures, same = [], []
    for block in range(10):
        pictures += [jpeg(block, 1), jpeg(block, 2), jpeg(block, 3), jpeg(100 + block, 1)]
        same += [True, False]
    path = tmp_path / "faces.bin"
    path.write_bytes(pickle.dumps((pictures, same), 4))
    return path


def test_a_pack_holds_pairs_in_ten_blocks(pack: Path) -> None:
    pairs = open_pairs(pack, None)
    assert len(pairs.photos) == 40
    assert pairs.same.tolist() == [True, False] * 10
    assert pairs.fold.tolist() == [block for block in range(10) for _ in range(2)]
    assert [photo.key for photo in pairs.photos[:3]] == ["00000_a", "00000_b", "00001_a"]
    person = np.array([photo.person for photo in pairs.photos])
    np.testing.assert_array_equal(person[pairs.first] == person[pairs.second], pairs.same)
    assert open_pairs(pack, pack.parent).fold.tolist() == pairs.fold.tolist()


def test_the_pictures_are_a_data_set(pack: Path) -> None:
    data = build_from("dataset", {"type": "insightface_bin", "path": str(pack), "limit": 3, "size": 16}, "d")
    assert len(data) == 6
    wanted = np.asarray(Image.open(io.BytesIO(jpeg(0, 2))))
    whole = build_from("dataset", {"type": "insightface_bin", "path": str(pack)}, "d")
    np.testing.assert_array_equal((whole[1]["normal"] * 255).round().astype(np.uint8), wanted.transpose(2, 0, 1))
    assert data[0]["normal"].shape == (3, 16, 16)


def test_verify_compares_a_pack(pack: Path, lowface: Callable[..., Any], recogniser: Any, config: Path) -> None:
    done = lowface("verify", "--pairs", pack, "--config", config, "--device", "cpu", "--json")
    assert done.code == 0, done.err
    result = json.loads(done.out)
    assert result["pairs"] == {"genuine": 10, "impostor": 10, "people": 30}
    assert result["stages"]["low"]["accuracy"]["value"] == 1.0


class Runs:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.system, (f"mkdir {self.mark}",)


def test_a_malicious_pack_is_refused_and_runs_nothing(
    tmp_path: Path, lowface: Callable[..., Any], config: Path
) -> None:
    path, mark = tmp_path / "evil.bin", tmp_path / "ran"
    path.write_bytes(pickle.dumps(([jpeg(0, 1), jpeg(0, 2)], [Runs(mark)]), 4))
    done = lowface("verify", "--pairs", path, "--config", config, "--device", "cpu")
    assert done.code == 1
    assert done.out == ""
    assert len(done.err.strip().splitlines()) == 1
    assert "evil.bin: is refused: it holds more than lists" in done.err
    assert not mark.exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ([], "is not two lists"),
        (([b"a"], [True]), "holds 1 pictures for 1 pairs"),
        (([], []), "holds 0 pictures for 0 pairs"),
        (([True, b"a"], [True]), "is not two lists"),
        (([b"a", b"b"], [b"x"]), "does not hold booleans"),
    ],
)
def test_other_contents_are_refused(tmp_path: Path, content: Any, told: str) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(pickle.dumps(content, 4))
    with pytest.raises(DataError, match=told):
        open_pairs(path, None)


def test_a_broken_picture_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(pickle.dumps(([b"a", jpeg(0, 1)], [True]), 4))
    with pytest.raises(DataError, match=r"a\.bin.00000_a: not a picture"):
        open_pairs(path, None).photos[0].read()
