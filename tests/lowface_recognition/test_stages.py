"""Pictures of the stages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import lowface_core as lf
from lowface_core.data.images import read_image, write_image
from lowface_core.inference import load_enhancer
from lowface_recognition.photos import Photo, open_folder, with_normal
from lowface_recognition.stages import Stages

SENSOR = {"exposure": [0.04, 0.10], "electrons": [1000, 5000], "read_noise": [2, 8]}


@pytest.fixture
def photos(tmp_path: Path) -> list[Photo]:
    for number, side in enumerate((16, 16, 24)):
        picture = np.random.default_rng(number).random((3, side, side), dtype=np.float32)
        write_image(tmp_path / "dark" / "a" / f"{number}.png", picture)
        write_image(tmp_path / "bright" / "a" / f"{number}.png", 1 - picture)
    return with_normal(open_folder(tmp_path / "dark"), tmp_path / "bright")


def test_darkened_on_the_fly(photos: list[Photo], tmp_path: Path) -> None:
    stages = Stages(lf.build("degradation", "sensor", **SENSOR), load_enhancer("gamma"), 0, torch.device("cpu"))
    assert stages.of(photos) == ("low", "enhanced", "normal")
    made = stages.make(photos, stages.of(photos))
    for k in range(3):
        low, enhanced, normal = (made[stage][k] for stage in ("low", "enhanced", "normal"))
        assert np.array_equal(normal, read_image(tmp_path / "dark" / "a" / f"{k}.png"))
        assert low.mean() < 0.5 * normal.mean()
        assert torch.allclose(enhanced, low**0.4)


def test_a_pictures_noise_depends_on_its_key_and_the_seed_alone(photos: list[Photo]) -> None:
    sensor, cpu = lf.build("degradation", "sensor", **SENSOR), torch.device("cpu")
    together = Stages(sensor, None, 0, cpu).make(photos, ("low",))["low"]
    alone = Stages(sensor, None, 0, cpu).make(photos[1:2], ("low", "normal"))["low"][0]
    assert torch.equal(together[1], alone)
    assert not torch.equal(Stages(sensor, None, 1, cpu).make(photos[1:2], ("low",))["low"][0], alone)
    renamed = replace(photos[1], key="other")
    assert not torch.equal(Stages(sensor, None, 0, cpu).make([renamed], ("low",))["low"][0], alone)


def test_real_low_light(photos: list[Photo], tmp_path: Path) -> None:
    cpu = torch.device("cpu")
    paired = Stages(None, None, 0, cpu)
    assert paired.of(photos) == ("low", "normal")
    made = paired.make(photos, ("low", "normal"))
    assert np.array_equal(made["low"][2], read_image(tmp_path / "dark" / "a" / "2.png"))
    assert np.array_equal(made["normal"][2], read_image(tmp_path / "bright" / "a" / "2.png"))
    assert paired.of([replace(photos[0], partner=None)]) == ("low",)
