"""LaPa as downloaded: splits, maps, landmarks at any size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lowface_core.data.images import write_image
from lowface_core.errors import DataError
from lowface_data.degradations.linear import LinearDarkening
from lowface_data.folders.lapa import Lapa
from lowface_data.folders.picture_store import read_landmarks


def points(path: Path, left: int = 104, right: int = 105) -> Path:
    marks = np.zeros((106, 2))
    marks[left], marks[right], marks[54] = (3.5, 5.5), (11.5, 5.5), (7.5, 9.5)
    marks[84], marks[90] = (4, 12), (11, 12)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("106\n" + "".join(f"{x} {y}\n" for x, y in marks))
    return path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for split, keys in {"train": ("b_1", "a_0"), "val": ("c_0",), "test": ("d_0",)}.items():
        for key in keys:
            write_image(tmp_path / split / "images" / f"{key}.jpg", np.full((3, 16, 16), 0.5))
            (tmp_path / split / "labels").mkdir(exist_ok=True)
            Image.fromarray(np.full((16, 16), 9, np.uint8)).save(tmp_path / split / "labels" / f"{key}.png")
            points(tmp_path / split / "landmarks" / f"{key}.txt")
    return tmp_path


def test_splits_and_names(tree: Path) -> None:
    data = Lapa(tree, degradation=LinearDarkening(), contrast=True)
    assert data.names == ("low", "normal", "positive", "negative", "labels", "landmarks", "key")
    assert [data[i]["key"] for i in range(2)] == ["a_0", "b_1"]
    assert [Lapa(tree, split)[0]["key"] for split in ("val", "test")] == ["c_0", "d_0"]
    assert (data[0]["labels"] == 9).all()
    with pytest.raises(DataError, match="no split 'tset'; did you mean 'test'"):
        Lapa(tree, "tset")


def test_landmarks_follow_the_size(tree: Path) -> None:
    whole, half = (Lapa(tree, size=size)[0]["landmarks"] for size in (None, 8))
    np.testing.assert_allclose(whole, [[3.5, 5.5], [11.5, 5.5], [7.5, 9.5], [4, 12], [11, 12]])
    np.testing.assert_allclose(half, (whole + 0.5) / 2 - 0.5)  # a pixel's centre is a whole number
    assert half.dtype == np.float32


def test_the_left_eye_is_the_pictures_left(tmp_path: Path) -> None:
    either = [read_landmarks(points(tmp_path / f"{a}.txt", a, b)) for a, b in ((104, 105), (105, 104))]
    np.testing.assert_array_equal(*either)


def test_missing_folders_mean_missing_names(tree: Path) -> None:
    for folder in ("labels", "landmarks"):
        for path in (tree / "val" / folder).iterdir():
            path.unlink()
        (tree / "val" / folder).rmdir()
    assert Lapa(tree, "val").names == ("normal", "key")
    (tree / "val" / "images").rename(tree / "val" / "pictures")
    with pytest.raises(DataError, match=r"val/images: no such folder"):
        Lapa(tree, "val")


@pytest.mark.parametrize("content", ["", "106\n1 2\n", "3\n1 2\n3 4\n5 6\n", "\x00\xff", "106\n" + "1 nan\n" * 106])
def test_faulty_landmarks_are_one_line(tree: Path, content: str) -> None:
    (tree / "train" / "landmarks" / "a_0.txt").write_text(content, encoding="latin-1")
    with pytest.raises(DataError, match=r"a_0\.txt: cannot be read as landmarks"):
        Lapa(tree)[0]
    left = Lapa(tree, skip_unreadable=True)
    assert [left[i]["key"] for i in range(len(left))] == ["b_1"]
    (tree / "train" / "landmarks" / "b_1.txt").unlink()
    with pytest.raises(DataError, match="no landmark file for 'b_1'"):
        Lapa(tree)
