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
from scipy.io import savemat

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


def cells(*rows: tuple[str, str]) -> np.ndarray:
    """Rows of texts as MATLAB keeps them."""
    found = np.empty((len(rows), 2), object)
    for place, row in enumerate(rows):
        found[place] = row
    return found


@pytest.fixture
def survface(tmp_path: Path) -> Path:
    root = tmp_path / "Face_Verification_Test_Set"
    (root / "verification_images").mkdir(parents=True)
    for person in (1, 2, 3):
        for camera in (1, 2):
            (root / "verification_images" / f"{person}_cam{camera}_1.jpg").write_bytes(jpeg(person, camera))
    positive = cells(*((f"{person}_cam1_1.jpg", f"{person}_cam2_1.jpg") for person in (1, 2, 3)))
    savemat(root / "positive_pairs_names.mat", {"positive_pairs_names": positive})
    negative = cells(("1_cam1_1.jpg", "2_cam2_1.jpg"), ("3_cam1_1.jpg", "2_cam1_1.jpg"))
    savemat(root / "negative_pairs_names.mat", {"negative_pairs_names": negative})
    return root


def test_survfaces_lists_of_pairs(survface: Path) -> None:
    pairs = open_pairs(survface / "positive_pairs_names.mat", None)
    keys = [photo.key for photo in pairs.photos]
    told = [(keys[a], keys[b]) for a, b in zip(pairs.first, pairs.second, strict=True)]
    assert told[0] == ("1_cam1_1", "1_cam2_1")
    assert told[4] == ("3_cam1_1", "2_cam1_1")
    assert pairs.same.tolist() == [True] * 3 + [False] * 2
    assert len({photo.person for photo in pairs.photos}) == 3
    assert pairs.photos[0].read()["normal"].shape == (3, 32, 32)
    (survface / "verification_images" / "3_cam1_1.jpg").unlink()
    with pytest.raises(DataError, match="holds no picture '3_cam1_1'"):
        open_pairs(survface / "positive_pairs_names.mat", None)
    (survface / "negative_pairs_names.mat").write_bytes(b"no matrix")
    with pytest.raises(DataError, match=r"negative_pairs_names\.mat: cannot be read"):
        open_pairs(survface / "positive_pairs_names.mat", None)


def test_identify_takes_gallery_and_probes_of_a_released_set(
    tmp_path: Path, lowface: Callable[..., Any], recogniser: Any, config: Path
) -> None:
    for person in range(1, 7):
        for place, number in (
            ("mugshot_frontal_cropped_all/{}_frontal.jpg", 1),
            ("surveillance_cameras_all/{}_cam1_1.jpg", 2),
        ):
            path = tmp_path / "scface" / place.format(f"{person:03d}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(jpeg(person, number))
    words = ("--data", tmp_path / "scface", "--data-options", "type=scface", "--config", config, "--device", "cpu")
    done = lowface("identify", *words, "--json")
    assert done.code == 0, done.err
    result = json.loads(done.out)
    assert result["gallery"]["pictures"] == [f"{person:03d}_frontal" for person in range(1, 7)]
    assert (result["probes"], result["stages"]["low"]["rank1"]["value"]) == (6, 1.0)
