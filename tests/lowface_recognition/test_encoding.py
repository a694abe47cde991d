"""Batches of pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from lowface_core.data.images import upright_size
from lowface_core.errors import LowfaceError
from lowface_core.runs import folder_choice as workdir
from lowface_recognition import encoding
from lowface_recognition.encoding import Job, batches, encode
from lowface_recognition.photos import scan
from lowface_recognition.stages import Stages


def test_batches_hold_one_size_and_the_same_stages(people: Callable[..., Path]) -> None:
    photos = scan(people(count=4, pictures=3))
    jobs = [Job(photo, ("low",)) for photo in photos] + [Job(photos[0], ("normal",), gallery=True)]
    plan = batches(jobs, 3)
    assert sorted(index for places in plan for index in places) == list(range(13))
    for places in plan:
        assert 1 <= len(places) <= 3
        assert len({(upright_size(jobs[index].photo.path), jobs[index].stages) for index in places}) == 1
    assert plan == batches(jobs, 3)


def test_large_pictures_are_worked_on_alone(people: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "PIXELS", 1000)
    jobs = [Job(photo, ("low",)) for photo in scan(people(count=2))]
    assert all(len(places) == 1 for places in batches(jobs, 16))


def test_every_picture_gets_its_own_row(
    people: Callable[..., Path], recogniser: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    photos = scan(people(count=4, pictures=3))
    jobs = [Job(photo, ("low",)) for photo in photos[:8]]
    jobs += [Job(photo, ("normal",), gallery=True) for photo in photos[8:]]
    stages, one = Stages(None, None, 0, torch.device("cpu")), recogniser({}, torch.device("cpu"))
    with workdir.choose("test", "x", {}) as folder:
        encoded = encode(jobs, stages, one, folder, batch_size=3)
    for index, photo in enumerate(photos):
        picture = stages.make([photo], ("low",))["low"][0]
        stage = encoded["low" if index < 8 else "normal"]
        assert np.allclose(stage.embedding[index], one(picture[None])[0][0], atol=1e-6)
        assert stage.found[index]
    assert not encoded["low"].found[8:].any()


def test_an_embedding_that_is_no_number(
    people: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    jobs = [Job(photo, ("low",)) for photo in scan(people(count=1, pictures=1))]

    def broken(pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.full((len(pictures), 4), float("nan")), torch.ones(len(pictures), dtype=torch.bool)

    with (
        workdir.choose("test", "x", {}) as folder,
        pytest.raises(LowfaceError, match=r"p00_0001.png: its embedding \(low\) is not finite"),
    ):
        encode(jobs, Stages(None, None, 0, torch.device("cpu")), broken, folder, 4)
