"""What single readers of released data sets add to finding their files; trees of a few pictures."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lowface_core.config.build import build_from
from lowface_core.errors import LowfaceError
from lowface_data.folders.extended_yale_b import subset_of


def write(root: Path, *places: str, level: int = 100, side: int = 4) -> None:
    for place in places:
        path = root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((side, side), level, np.uint8)).save(path)


def keys(root: Path, name: str, **options: Any) -> list[str]:
    data = build_from("dataset", {"type": name, "root": str(root), **options}, "d")
    return [data.facts(index)["key"] for index in range(len(data))]


def test_parts_and_splits_of_lol_v2(tmp_path: Path) -> None:
    for folder in ("Real_captured/Train", "Real_captured/Test", "Synthetic/Train"):
        low, normal = ("low00007", "normal00007") if folder[0] == "R" else ("r7t", "r7t")
        write(tmp_path, f"{folder}/Low/{low}.png", level=10)
        write(tmp_path, f"{folder}/Normal/{normal}.png", level=200)
    assert keys(tmp_path, "lol_v2") == ["Real_captured/Train/00007"]
    assert keys(tmp_path, "lol_v2", split="test") == ["Real_captured/Test/00007"]
    assert keys(tmp_path, "lol_v2", part="synthetic") == ["Synthetic/Train/r7t"]
    assert len(keys(tmp_path, "lol_v2", part=None, split=None)) == 3
    item = build_from("dataset", {"type": "lol_v2", "root": str(tmp_path)}, "d")[0]
    assert float(item["low"].max()) < 0.1 < 0.7 < float(item["normal"].min())
    with pytest.raises(LowfaceError, match="split"):
        keys(tmp_path, "lol_v2", split="val")


def test_the_dark_half_of_an_exposure_series_is_low_light(tmp_path: Path) -> None:
    write(tmp_path, *(f"Dataset_Part1/1/{n}.JPG" for n in range(1, 8)), "Dataset_Part1/Label/1.JPG")
    write(tmp_path, *(f"Dataset_Part1/4/{n}.JPG" for n in range(1, 10)), "Dataset_Part1/Label/4.JPG")
    assert keys(tmp_path, "sice") == [f"Dataset_Part1/1/{n}" for n in (1, 2, 3)]
    assert keys(tmp_path, "sice", split="test") == [f"Dataset_Part1/4/{n}" for n in (1, 2, 3, 4)]
    assert keys(tmp_path, "sice", split=None, exposures="nearest") == ["Dataset_Part1/1/3", "Dataset_Part1/4/4"]


def test_experts_of_fivek(tmp_path: Path) -> None:
    write(tmp_path, "input/a.tif", level=10)
    write(tmp_path, "expertC/a.png", level=100)
    write(tmp_path, "expertE/a.jpg", level=200)
    for expert, level in (("C", 100), ("E", 200)):
        data = build_from("dataset", {"type": "fivek", "root": str(tmp_path), "expert": expert}, "d")
        assert float(data[0]["normal"].mean()) == pytest.approx(level / 255, abs=0.01)
    with pytest.raises(LowfaceError, match="holds no pictures"):
        keys(tmp_path, "fivek", expert="B")


def test_boxes_are_offered_at_the_pictures_size(tmp_path: Path) -> None:
    write(tmp_path, "image/1.png", "image/2.png", side=10)
    (tmp_path / "label").mkdir()
    (tmp_path / "label/1.txt").write_text("2\r\n1 2 5 6\r\n0 0 10 10\r\n")
    (tmp_path / "label/2.txt").write_text("0\n")
    data = build_from("dataset", {"type": "dark_face", "root": str(tmp_path)}, "d")
    assert data.names == ("low", "key")
    assert data.objects(0).boxes.tolist() == [[1, 2, 5, 6], [0, 0, 10, 10]]
    assert data.objects(0).classes == ("face", "face")
    assert data.objects(1).boxes.shape == (0, 4)
    half = build_from("dataset", {"type": "dark_face", "root": str(tmp_path), "size": 5}, "d")
    assert half.objects(0).boxes.tolist() == [[0.5, 1, 2.5, 3], [0, 0, 5, 5]]


def test_splits_of_exdark_stand_in_its_list(tmp_path: Path) -> None:
    write(tmp_path, "ExDark/Cat/a.png", "ExDark/Dog/b.png", "ExDark/Dog/c.png")
    for kind, name in (("Cat", "a"), ("Dog", "b"), ("Dog", "c")):
        path = tmp_path / "ExDark_Annno" / kind / f"{name}.png.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"% bbGt version=3\n{kind} 1 1 2 3 0 0 0 0 0 0 0\n")
    with pytest.raises(LowfaceError, match=r"imageclasslist\.txt: no such file"):
        keys(tmp_path, "exdark", split="test")
    (tmp_path / "imageclasslist.txt").write_text("Name | Class | Light\na.png 6 1 1 3\nb.png 9 1 1 1\n")
    assert keys(tmp_path, "exdark", split="test") == ["Cat/a"]
    assert keys(tmp_path, "exdark") == ["Cat/a", "Dog/b", "Dog/c"]
    data = build_from("dataset", {"type": "exdark", "root": str(tmp_path), "split": "test"}, "d")
    assert (data.objects(0).boxes.tolist(), data.objects(0).classes) == ([[1, 1, 3, 4]], ("Cat",))


#: The 64 directions of Yale's lights: azimuth, and elevations that occur at it on both sides.
LIGHTS = {
    5: (10, -10), 10: (0, -20), 15: (20,), 20: (10, -10, -40), 25: (0,), 35: (15, -20, 40, 65), 50: (0, -40),
    60: (20, -20), 70: (0, 45, -35), 85: (20, -20), 95: (0,), 110: (15, 40, 65, -20), 120: (0,), 130: (20,),
}  # fmt: skip


def test_lights_of_extended_yale_b_are_in_the_published_subsets(tmp_path: Path) -> None:
    lights = [(0, e) for e in (0, 20, -20, 45, -35, 90)]
    lights += [(side * a, e) for a, some in LIGHTS.items() for e in some for side in (1, -1)]
    assert len(lights) == 64
    assert Counter(subset_of(*light) for light in lights) == {1: 7, 2: 12, 3: 12, 4: 14, 5: 19}
    for azimuth, level in ((0, 200), (25, 150), (120, 20)):
        write(tmp_path, f"yaleB01/yaleB01_P00A+{azimuth:03d}E+00.pgm", level=level)
    assert keys(tmp_path, "extended_yale_b", subsets=[5]) == ["yaleB01_P00A+120E+00"]
    pair = build_from("dataset", {"type": "extended_yale_b", "root": str(tmp_path), "subsets": [5]}, "d")[0]
    assert (float(pair["low"].mean()), float(pair["normal"].mean())) == pytest.approx((20 / 255, 200 / 255))
    assert len(keys(tmp_path, "extended_yale_b")) == 2
    alone = build_from("dataset", {"type": "extended_yale_b", "root": str(tmp_path), "pairs": False}, "d")
    assert alone.names == ("low", "identity", "key")
    assert [alone.facts(i)["role"] for i in range(3)] == ["gallery", "probe", "probe"]
    assert not math.isnan(float(alone[0]["low"].mean()))


def test_cameras_and_distances_of_scface(tmp_path: Path) -> None:
    write(tmp_path, "mugshot_frontal_original_all/001_frontal.JPG")
    for camera in ("cam1_1", "cam5_3", "cam6_3", "cam8"):
        write(tmp_path, f"surveillance_cameras_all/001_{camera}.jpg")
    assert keys(tmp_path, "scface") == ["001_frontal", "001_cam1_1", "001_cam5_3"]
    assert keys(tmp_path, "scface", distance=3, cameras="all") == ["001_frontal", "001_cam5_3", "001_cam6_3"]
    assert keys(tmp_path, "scface", cameras="infrared") == ["001_frontal", "001_cam6_3", "001_cam8"]
