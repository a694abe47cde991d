from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lowface_core.data.images import read_image, write_image
from lowface_core.errors import DataError
from lowface_core.evaluation.folders import Folders, first_few


def test_pictures_are_paired_by_name_without_ending(folders: Callable[..., None], tmp_path: Path) -> None:
    folders(3, "low", "enhanced", "normal")
    (tmp_path / "enhanced" / "notes.txt").write_text("no picture")
    png = tmp_path / "enhanced" / "sub" / "p0001.png"
    write_image(png.with_suffix(".JPG"), read_image(png))
    png.unlink()
    data = Folders(tmp_path / "enhanced", tmp_path / "normal", tmp_path / "low")
    assert len(data) == 3
    assert set(data.names) == {"low", "enhanced", "normal", "key"}
    item = data[1]
    assert item["key"] == "sub/p0001"
    assert np.array_equal(item["normal"], read_image(tmp_path / "normal" / "sub" / "p0001.png"))
    assert item["low"].mean() < item["enhanced"].mean() < item["normal"].mean()
    assert set(Folders(tmp_path / "enhanced").names) == {"enhanced", "key"}


def test_missing_and_extra_files_are_listed(folders: Callable[..., None], tmp_path: Path) -> None:
    folders(14, "enhanced", "normal")
    for index in range(12):
        (tmp_path / "enhanced" / "sub" / f"p{index:04d}.png").unlink()
    (tmp_path / "normal" / "sub" / "p0013.png").unlink()
    with pytest.raises(DataError) as raised:
        Folders(tmp_path / "enhanced", tmp_path / "normal")
    extra, missing = str(raised.value).splitlines()
    ten = ", ".join(f"sub/p{i:04d}" for i in range(10))
    assert extra == f"{tmp_path}/normal: lacks 1 picture that {tmp_path}/enhanced has: sub/p0013"
    assert missing == f"{tmp_path}/enhanced: lacks 12 pictures that {tmp_path}/normal has: {ten} and 2 more"


def test_other_sizes_are_one_line_that_names_both_files(folders: Callable[..., None], tmp_path: Path) -> None:
    folders(2, "enhanced", "normal")
    other = tmp_path / "normal" / "sub" / "p0001.png"
    write_image(other, np.zeros((3, 5, 7), np.float32))
    with pytest.raises(DataError) as raised:
        Folders(tmp_path / "enhanced", tmp_path / "normal")
    assert str(raised.value) == (
        f"{tmp_path}/enhanced/sub/p0001.png: has 20x24 pixels and {other} 7x5; "
        "a picture and its reference must be of one size"
    )


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_sizes_count_upright(tmp_path: Path, suffix: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    for name, size in (("enhanced", (6, 4)), ("normal", (4, 6))):
        (tmp_path / name).mkdir()
        Image.new("RGB", size).save(tmp_path / name / f"a.{suffix}", exif=exif if name == "normal" else Image.Exif())
    item = Folders(tmp_path / "enhanced", tmp_path / "normal")[0]
    assert item["enhanced"].shape == item["normal"].shape == (3, 4, 6)


def test_two_files_of_one_name_missing_folders_and_broken_files_are_one_line(
    folders: Callable[..., None], tmp_path: Path
) -> None:
    folders(2, "enhanced")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="empty: holds no pictures"):
        Folders(tmp_path / "empty")
    with pytest.raises(DataError, match="nowhere: no such folder"):
        Folders(tmp_path / "nowhere")
    broken = tmp_path / "enhanced" / "sub" / "p0000.png"
    broken.write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"p0000.png: not a picture that can be read"):
        Folders(tmp_path / "enhanced")[0]
    Image.new("RGB", (4, 4)).save(broken.with_suffix(".jpg"))
    with pytest.raises(DataError, match=r"p0000.png and .*p0000.jpg share the name"):
        Folders(tmp_path / "enhanced")


def test_fingerprints_tell_the_data_from_the_judged_pictures(folders: Callable[..., None], tmp_path: Path) -> None:
    folders(2, "one", "other", "normal")
    one, other = (Folders(tmp_path / name, tmp_path / "normal") for name in ("one", "other"))
    assert one.fingerprint() == other.fingerprint()
    assert one.fingerprint().startswith("folders:2:")
    before = one.version()
    os.utime(tmp_path / "one" / "sub" / "p0000.png", (1, 1))
    assert one.version() != before
    fingerprint = one.fingerprint()
    write_image(tmp_path / "normal" / "sub" / "p0000.png", np.zeros((3, 24, 20), np.float32))
    assert one.fingerprint() != fingerprint


def test_only_the_first_ten_names_are_said() -> None:
    assert first_few(["a", "b"]) == "a, b"
    assert first_few([str(i) for i in range(11)]) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 1 more"


@pytest.mark.parametrize("name", ["José", "Zoë/Ångström", "한글"])
def test_names_are_paired_whatever_their_spelling(tmp_path: Path, name: str) -> None:
    forms = {"enhanced": "NFC", "normal": "NFD", "low": "NFC"}
    for folder, form in forms.items():
        write_image(tmp_path / folder / f"{unicodedata.normalize(form, name)}.png", np.full((3, 4, 4), 0.5))
    data = Folders(tmp_path / "enhanced", tmp_path / "normal", tmp_path / "low")
    assert data[0]["key"] == unicodedata.normalize("NFC", name)
    assert data[0]["normal"].shape == (3, 4, 4)
    write_image(tmp_path / "normal" / f"{unicodedata.normalize('NFC', name)}.png", np.full((3, 4, 4), 0.5))
    with pytest.raises(DataError, match="share the name"):
        Folders(tmp_path / "enhanced", tmp_path / "normal")
