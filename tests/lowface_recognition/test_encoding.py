"""Pictures of the stages, and batches of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import lowface_core as lf
from lowface_core.data.images import read_image, write_image
from lowface_core.errors import LowfaceError
from lowface_core.inference import load_enhancer
from lowface_recognition import encoding
from lowface_recognition.encoding import Encoder, Job, Stages, encoded, parts
from lowface_recognition.photos import Photo, open_folder, with_normal

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


CPU = torch.device("cpu")


@pytest.fixture
def encoder(people: Callable[..., Path], recogniser: Any) -> Encoder:
    """Four people with three pictures each, the last four of which are a gallery."""
    photos = open_folder(people(count=4, pictures=3))
    jobs = [Job(photo, ("low",)) for photo in photos[:8]]
    jobs += [Job(photo, ("normal",), gallery=True) for photo in photos[8:]]
    return Encoder(jobs, Stages(None, None, 0, CPU), recogniser({}, CPU), batch_size=3)


def test_batches_hold_the_same_stages_and_end_alike_after_a_break(encoder: Encoder) -> None:
    counts = list(encoder.batches())
    assert counts == [3, 3, 2, 3, 1]
    assert list(encoder.batches(6)) == counts[2:]


def test_parts_hold_neighbours_of_the_same_stages(encoder: Encoder) -> None:
    assert list(parts(encoder.jobs, 3)) == [range(3), range(3, 6), range(6, 8), range(8, 11), range(11, 12)]
    assert list(parts(encoder.jobs, 3, start=7)) == [range(7, 8), range(8, 11), range(11, 12)]
    assert list(parts(encoder.jobs, 3, start=12)) == list(parts([], 3)) == []


def test_large_pictures_are_worked_on_alone(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "PIXELS", 1000)
    assert list(encoder.batches()) == [1] * 12


def test_every_picture_gets_its_own_row(encoder: Encoder) -> None:
    assert sum(encoder.batches()) == 12
    stages = encoded(encoder.rows)
    for index, job in enumerate(encoder.jobs):
        picture = encoder.stages.make([job.photo], ("low",))["low"][0]
        stage = stages["low" if index < 8 else "normal"]
        assert np.allclose(stage.embedding[index], encoder.recognise(picture[None])[0][0], atol=1e-6)
        assert stage.found[index]
    assert not stages["low"].found[8:].any()


def test_an_embedding_that_is_no_number(encoder: Encoder) -> None:
    def broken(pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.full((len(pictures), 4), float("nan")), torch.ones(len(pictures), dtype=torch.bool)

    encoder.recognise = broken
    with pytest.raises(LowfaceError, match=r"p00/p00_0001: its embedding \(low\) is not finite"):
        list(encoder.batches())
