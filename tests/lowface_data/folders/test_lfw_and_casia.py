"""LFW and CASIA-FaceV5: people by folder or name, the real pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lowface_core.data.images import write_image
from lowface_core.errors import ConfigError, DataError
from lowface_data.degradations.linear import LinearDarkening
from lowface_data.folders.lfw import CasiaFaceV5, Lfw


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for person, count in {"Bo_Li": 3, "Ann": 1, "Cy": 2}.items():
        for number in range(1, count + 1):
            write_image(tmp_path / person / f"{person}_{number:04d}.jpg", np.full((3, 6, 6), number / 4))
    return tmp_path


def test_people_are_folders(tree: Path) -> None:
    data = Lfw(tree, degradation=LinearDarkening(), contrast=True)
    assert data.identities == ("Ann", "Bo_Li", "Cy")
    assert [data[i]["identity"] for i in range(len(data))] == [0, 1, 1, 1, 2, 2]
    assert [item["key"] for item in data.gallery()] == ["Ann_0001", "Bo_Li_0001", "Cy_0001"]
    assert data.names == ("low", "normal", "positive", "negative", "identity", "key")
    assert Lfw(tree, min_pictures=2).identities == ("Bo_Li", "Cy")
    with pytest.raises(DataError, match="nobody with 9 pictures"):
        Lfw(tree, min_pictures=9)


def test_a_picture_outside_a_persons_folder_is_named(tree: Path) -> None:
    write_image(tree / "stray.jpg", np.zeros((3, 4, 4)))
    with pytest.raises(DataError, match=r"stray\.jpg: pictures lie in one folder a person"):
        Lfw(tree)


@pytest.fixture
def numbered(tmp_path: Path) -> Path:
    for hundred, person in (("CASIA-FaceV5 (100-199)", "101"), ("CASIA-FaceV5 (000-099)", "007")):
        for number in range(5):
            write_image(tmp_path / hundred / person / f"{person}_{number}.bmp", np.full((3, 6, 8), number / 8))
    return tmp_path


def test_people_are_numbers(numbered: Path) -> None:
    data = CasiaFaceV5(numbered, size=4, degradation=LinearDarkening(), contrast=True)
    assert data.identities == ("007", "101")
    assert [data[i]["identity"] for i in range(10)] == [0] * 5 + [1] * 5
    assert [item["key"] for item in data.gallery()] == ["007_0", "101_0"]
    assert data[9]["low"].shape == (3, 4, 4)
    assert CasiaFaceV5(numbered)[0]["normal"].shape == (3, 6, 8)


def test_faults_of_numbered_people_are_one_line(numbered: Path) -> None:
    write_image(numbered / "readme.bmp", np.zeros((3, 4, 4)))
    with pytest.raises(DataError, match=r"readme\.bmp: the name is not <identity>_<n>"):
        CasiaFaceV5(numbered)
    (numbered / "empty").mkdir()
    with pytest.raises(DataError, match="holds no pictures"):
        CasiaFaceV5(numbered / "empty")
    with pytest.raises(DataError, match="no such folder"):
        CasiaFaceV5(numbered / "nowhere")


def test_real_people(shared: Path) -> None:
    data = Lfw(shared / "data" / "lfw-faces", size=32)
    assert (len(data.identities), len(data)) == (400, 1092)
    keys = [item["key"] for item in data.gallery()]
    assert len(set(keys)) == 400
    for index in range(0, len(data), 40):
        item = data[index]
        assert item["normal"].shape == (3, 32, 32)
        assert item["key"].startswith(data.identities[item["identity"]])


def test_the_people_of_a_split(tree: Path) -> None:
    (tree.parent / "splits.json").write_text('{"test": ["Cy", "Ann"], "odd": ["Ann", "Dee"]}')
    splits = tree.parent / "splits.json"
    assert Lfw(tree, split="test", splits=splits).identities == ("Ann", "Cy")
    assert len(Lfw(tree, splits=splits)) == 6
    with pytest.raises(ConfigError, match="split='test' needs splits"):
        Lfw(tree, split="test")
    with pytest.raises(
        DataError, match=r"the split 'odd' names 'Dee', for which .* holds no picture; people are called"
    ):
        Lfw(tree, split="odd", splits=splits)
    with pytest.raises(DataError, match="has no split 'tst'; did you mean 'test'"):
        Lfw(tree, split="tst", splits=splits)
