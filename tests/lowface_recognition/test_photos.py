"""Pictures of people: in folders, and in data sets of other kinds."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowface_core.data.dataset import Dataset
from lowface_core.data.images import write_image
from lowface_core.errors import ConfigError, DataError
from lowface_recognition.pairs import ListedPictures
from lowface_recognition.photos import (
    Photo,
    check_enrolled,
    fingerprint,
    first_of_each,
    open_folder,
    open_photos,
    with_normal,
)


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x" * (1 + len(name)))
    return folder


def test_a_folder_a_person_and_names_with_numbers(tmp_path: Path) -> None:
    folder = touch(
        tmp_path / "a", "Bo_Li/2.jpg", "Bo_Li/1.png", "Al/x_y.jpg", "Cy_Day_0001.jpg", ".hidden/1.jpg", "t.txt"
    )
    assert [(p.person, p.key) for p in open_folder(folder)] == [
        ("Al", "Al/x_y"),
        ("Bo_Li", "Bo_Li/1"),
        ("Bo_Li", "Bo_Li/2"),
        ("Cy_Day", "Cy_Day_0001"),
    ]


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ((), "no such folder"),
        (("t.txt",), "holds no pictures; the layout is <person>/<picture>.jpg or <person>_<n>.jpg"),
        (("nobody.jpg",), "nobody.jpg: does not say whom it shows; use <person>/"),
        (("_1.jpg",), "_1.jpg: does not say whom it shows"),
        (("a/b/1.jpg",), "1.jpg: does not say whom it shows"),
        (("a/1.jpg", "a/1.png"), "share the name 'a/1'"),
    ],
)
def test_other_layouts(tmp_path: Path, names: tuple[str, ...], told: str) -> None:
    with pytest.raises(DataError) as raised:
        open_folder(touch(tmp_path / "a", *names))
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_first_picture_of_each_is_the_gallery(tmp_path: Path) -> None:
    gallery, probes = first_of_each(open_folder(touch(tmp_path / "a", "b/2.jpg", "b/1.jpg", "b/3.jpg", "a/9.jpg")))
    assert [p.key for p in gallery] == ["a/9", "b/1"]
    assert [p.key for p in probes] == ["b/2", "b/3"]


def test_somebody_who_is_not_in_the_gallery(tmp_path: Path) -> None:
    gallery = open_folder(touch(tmp_path / "g", "Anna/1.jpg", "Bert/1.jpg"))
    probes = open_folder(touch(tmp_path / "p", "Ana/1.jpg", "Zoe/1.jpg", "Bert/2.jpg"))
    with pytest.raises(
        DataError, match=r"'Ana' has no picture in the gallery \(nor have 1 others\); did you mean 'Anna'"
    ):
        check_enrolled(gallery, probes, tmp_path / "p")
    check_enrolled(gallery, [p for p in probes if p.person == "Bert"], tmp_path / "p")


def test_partners_of_the_same_name_whatever_their_ending(tmp_path: Path) -> None:
    photos = open_folder(touch(tmp_path / "dark", "a/1.jpg", "a/2.jpg"))
    paired = with_normal(photos, touch(tmp_path / "bright", "a/1.png", "a/2.jpg", "a/3.jpg"))
    assert [p.partner.key for p in paired] == ["a/1", "a/2"]
    (tmp_path / "bright" / "a" / "2.jpg").unlink()
    with pytest.raises(DataError, match=r"bright: holds no picture for 'a/2'"):
        with_normal(photos, tmp_path / "bright")


def test_the_fingerprint_sees_names_people_and_sizes_and_no_places(tmp_path: Path) -> None:
    names = ("a/1.jpg", "b/1.jpg")
    one, two = (open_folder(touch(tmp_path / folder, *names)) for folder in ("x", "y"))
    assert fingerprint(one) == fingerprint(two)
    assert fingerprint(one).startswith("2:")
    touch(tmp_path / "y", "b/1.jpg")
    (tmp_path / "y" / "b" / "1.jpg").write_bytes(b"longer than it was")
    assert fingerprint(open_folder(tmp_path / "y")) != fingerprint(one)
    assert fingerprint(one[:1]) != fingerprint(one)


class Twins(Dataset):
    """A stranger's data set: low and normal light of two people."""

    names = ("low", "normal", "identity", "key")
    identities = ("Zoe", "Ann")

    def __len__(self) -> int:
        return 4

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        pictures = {name: np.full((3, 2, 2), level, np.float32) for name, level in (("low", 0.1), ("normal", 0.8))}
        return {**pictures, "identity": index % 2, "key": f"k{index}"}


def test_any_data_set_that_offers_identities_will_do() -> None:
    photos = open_photos(Twins())
    assert [(p.person, p.key) for p in photos] == [("Ann", "k1"), ("Ann", "k3"), ("Zoe", "k0"), ("Zoe", "k2")]
    assert {light: picture.mean() for light, picture in photos[0].read().items()} == pytest.approx(
        {"low": 0.1, "normal": 0.8}
    )
    assert all(photo.has_normal for photo in photos)


def test_options_choose_another_data_set_and_its_keywords(tmp_path: Path) -> None:
    for folder, level in (("normal", 0.8), ("underexposed", 0.1)):
        for name in ("ann_0", "bo_0", "bo_1"):
            write_image(tmp_path / folder / f"{name}.png", np.full((3, 4, 6), level, np.float32))
    photos = open_folder(tmp_path, {"type": "lapa_face", "limit": 2})
    assert [(p.person, p.key) for p in photos] == [("ann", "ann_0"), ("bo", "bo_0")]
    assert photos[0].has_normal
    assert [picture.shape for picture in photos[0].read().values()] == [(3, 4, 6)] * 2
    with pytest.raises(ConfigError, match=r"--data\.limi"):
        open_folder(tmp_path, {"limi": 2})
    with pytest.raises(DataError, match="holds no identities"):
        open_folder(tmp_path, {"type": "image_folder"})


@pytest.mark.parametrize("name", ["José", "Zoë", "한글"])
def test_a_person_is_one_however_the_name_is_spelt(tmp_path: Path, name: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, name) for form in ("NFC", "NFD"))
    gallery = open_folder(touch(tmp_path / "gallery", f"{composed}/1.jpg", f"{decomposed}/2.jpg"))
    probes = open_folder(touch(tmp_path / "probes", f"{decomposed}_3.jpg"))
    assert {photo.person for photo in [*gallery, *probes]} == {composed}
    check_enrolled(gallery, probes, tmp_path)
    touch(tmp_path / "normal", f"{composed}_3.jpg")
    assert with_normal(probes, tmp_path / "normal")[0].partner is not None
    touch(tmp_path / "gallery", f"{decomposed}/1.jpg")
    with pytest.raises(DataError) as raised:
        open_folder(tmp_path / "gallery")
    assert all(f"{spelt}/1.jpg" in str(raised.value) for spelt in (composed, decomposed))


@pytest.mark.parametrize("raw", [b"caf\xe9/1.jpg", b"\xff_1.jpg", b"a\nb/-1.jpg", b"b" * 240 + b"/1.jpg"])
def test_any_file_name_makes_a_photo(tmp_path: Path, raw: bytes) -> None:
    photos = open_folder(touch(tmp_path / "a", os.fsdecode(raw)))
    assert len(fingerprint(photos).encode()) == len(fingerprint(photos)) > 0
    assert f"{photos[0].person}{photos[0].key}".encode()


def test_gallery_and_probes_are_those_of_the_protocol() -> None:
    roles = ("probe", "gallery", "probe", "gallery", "")
    photos = [Photo(ListedPictures({}), place, f"p/{place}", "p", role=role) for place, role in enumerate(roles)]
    gallery, probes = first_of_each(photos)
    assert [photo.index for photo in gallery] == [1, 3]
    assert [photo.index for photo in probes] == [0, 2]
