from __future__ import annotations

import json
from pathlib import Path

import torch
from PIL import Image

from lowface_core.runs.thumbnails import Thumbnails, spread


def picture(value: float = 0.5, height: int = 4, width: int = 6) -> torch.Tensor:
    return torch.full((3, height, width), value)


def test_a_group_keeps_the_highest_scores_and_of_equal_ones_the_earliest(tmp_path: Path):
    kept = Thumbnails(most=3)
    for key, score in [("a", 1.0), ("b", 5.0), ("c", 1.0), ("d", 3.0), ("e", 1.0), ("f", float("nan"))]:
        kept.offer("worst", key, {"enhanced": picture()}, {"psnr": -score}, score=score)
    kept.write(tmp_path / "pictures")
    index = json.loads((tmp_path / "pictures" / "index.json").read_text())
    assert [entry["key"] for entry in index] == ["b", "d", "a"]
    assert index[0] == {
        "key": "b", "group": "worst", "stages": {"enhanced": "0001_enhanced.jpg"}, "numbers": {"psnr": -5.0}, "note": ""
    }  # fmt: skip
    assert not kept.wants("worst", 1.0)
    assert kept.wants("worst", 1.5)


def test_files_are_small_jpegs_in_the_pictures_colours(tmp_path: Path):
    red = torch.zeros(3, 300, 600)
    red[0] = 1
    kept = Thumbnails()
    kept.offer("sample", "sub/a", {"low": red, "normal": picture()}, note="seen")
    kept.write(tmp_path)
    with Image.open(tmp_path / "0001_low.jpg") as image:
        assert (image.format, image.size) == ("JPEG", (256, 128))
        assert image.getpixel((128, 64))[0] > 250
        assert max(image.getpixel((128, 64))[1:]) < 5
    with Image.open(tmp_path / "0001_normal.jpg") as image:
        assert image.size == (6, 4)


def test_samples_come_in_the_order_of_the_data(tmp_path: Path):
    kept = Thumbnails()
    for key, score in (("a", 0.0), ("b", 1.0)):
        kept.offer("sample", key, {}, score=score)
    kept.offer("of_another_plugin", "b", {})
    kept.write(tmp_path)
    index = json.loads((tmp_path / "index.json").read_text())
    assert [(entry["group"], entry["key"]) for entry in index] == [
        ("sample", "a"),
        ("sample", "b"),
        ("of_another_plugin", "b"),
    ]


def test_it_goes_on_from_its_state(tmp_path: Path):
    whole, first, second = Thumbnails(most=2), Thumbnails(most=2), Thumbnails(most=2)
    offers = [(f"{i}", {"low": picture(i / 10)}, float(score)) for i, score in enumerate((2, 0, 2, 1, 3, 2))]
    for i, (key, stages, score) in enumerate(offers):
        whole.offer("worst", key, stages, score=score)
        if i == 3:
            torch.save(first.state(), tmp_path / "state.pth")
            second.load_state(torch.load(tmp_path / "state.pth", weights_only=True))
        (first if i < 3 else second).offer("worst", key, stages, score=score)
    whole.write(tmp_path / "whole")
    second.write(tmp_path / "second")
    for file in (tmp_path / "whole").iterdir():
        assert (tmp_path / "second" / file.name).read_bytes() == file.read_bytes()


def test_samples_are_spread_evenly():
    assert spread(100, 3) == {0, 49, 99}
    assert spread(2) == {0, 1}
    assert spread(0) == set()
