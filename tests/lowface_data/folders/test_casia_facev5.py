"""CASIA-FaceV5: people by number, in folders of any depth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lowface_core.data.images import write_image
from lowface_core.errors import DataError
from lowface_data.degradations.linear import LinearDarkening
from lowface_data.folders.casia_facev5 import CasiaFaceV5


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for hundred, person in (("CASIA-FaceV5 (100-199)", "101"), ("CASIA-FaceV5 (000-099)", "007")):
        for number in range(5):
            write_image(tmp_path / hundred / person / f"{person}_{number}.bmp", np.full((3, 6, 8), number / 8))
    return tmp_path


def test_people_are_numbers(tree: Path) -> None:
    data = CasiaFaceV5(tree, size=4, degradation=LinearDarkening(), contrast=True)
    assert data.identities == ("007", "101")
    assert [data[i]["identity"] for i in range(10)] == [0] * 5 + [1] * 5
    assert [item["key"] for item in data.gallery()] == ["007_0", "101_0"]
    assert data[9]["low"].shape == (3, 4, 4)
    assert CasiaFaceV5(tree)[0]["normal"].shape == (3, 6, 8)


def test_faults_are_one_line(tree: Path) -> None:
    write_image(tree / "readme.bmp", np.zeros((3, 4, 4)))
    with pytest.raises(DataError, match=r"readme\.bmp: the name is not <identity>_<n>"):
        CasiaFaceV5(tree)
    (tree / "empty").mkdir()
    with pytest.raises(DataError, match="holds no pictures"):
        CasiaFaceV5(tree / "empty")
    with pytest.raises(DataError, match="no such folder"):
        CasiaFaceV5(tree / "nowhere")
