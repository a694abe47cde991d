"""Batches of pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lowface_core.errors import LowfaceError
from lowface_recognition import encoding
from lowface_recognition.encoding import Encoder, Job
from lowface_recognition.photos import open_folder
from lowface_recognition.stages import Stages

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


def test_large_pictures_are_worked_on_alone(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "PIXELS", 1000)
    assert list(encoder.batches()) == [1] * 12


def test_every_picture_gets_its_own_row(encoder: Encoder) -> None:
    assert sum(encoder.batches()) == 12
    encoded = encoder.encoded()
    for index, job in enumerate(encoder.jobs):
        picture = encoder.stages.make([job.photo], ("low",))["low"][0]
        stage = encoded["low" if index < 8 else "normal"]
        assert np.allclose(stage.embedding[index], encoder.recognise(picture[None])[0][0], atol=1e-6)
        assert stage.found[index]
    assert not encoded["low"].found[8:].any()


def test_an_embedding_that_is_no_number(encoder: Encoder) -> None:
    def broken(pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.full((len(pictures), 4), float("nan")), torch.ones(len(pictures), dtype=torch.bool)

    encoder.recognise = broken
    with pytest.raises(LowfaceError, match=r"p00/p00_0001: its embedding \(low\) is not finite"):
        list(encoder.batches())
