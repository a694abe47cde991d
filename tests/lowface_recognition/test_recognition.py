"""What both commands prepare, and by which an earlier result is known again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import lowface_core as lf
from lowface_recognition.identify import Identification, find
from lowface_recognition.recognition import Settings


@pytest.fixture
def settings(config: Path) -> Settings:
    return Settings(
        enhancer="gamma",
        enhancer_options={},
        degradation={"type": "sensor", "exposure": [0.04, 0.10]},
        data_options={},
        config=str(config),
        cfg_options=(),
        title=None,
        device="cpu",
        seed=0,
        batch_size=4,
        work_dir=None,
        overwrite=False,
    )


@pytest.fixture
def made(people: Callable[..., Path]) -> Callable[[Settings], Identification]:
    sets = find(people(count=2, pictures=2), None, None, None)
    return lambda settings: Identification(sets, settings)


CHANGES: dict[str, dict[str, Any]] = {
    "enhancer": {"enhancer": None},
    "its keywords": {"enhancer_options": {"gamma": 0.5}},
    "darkening": {"degradation": {"type": "sensor", "exposure": 0.05}},
    "seed": {"seed": 1},
    "batch size": {"batch_size": 8},
    "recogniser": {"cfg_options": ("heads.face.detector.smallest_face=40",)},
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_changes_the_result_changes_the_request(
    made: Callable[..., Identification], settings: Settings, what: str
) -> None:
    before, after = (made(s).request() for s in (settings, replace(settings, **CHANGES[what])))
    assert before == made(settings).request()
    assert before != after


def test_other_weights_of_the_same_name_change_the_request(
    made: Callable[..., Identification], settings: Settings, tmp_path: Path
) -> None:
    requests = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        state = {"state_dict": lf.build("enhancer", "retinex", channels=2).state_dict()}
        torch.save({**state, "enhancer_config": {"type": "retinex", "channels": 2}}, tmp_path / "one.pth")
        requests.append(made(replace(settings, enhancer=str(tmp_path / "one.pth"))).request())
    assert requests[0]["title"] == requests[1]["title"] == "one"
    assert requests[0]["protocol"]["enhancer"] != requests[1]["protocol"]["enhancer"]


def test_names_of_methods(made: Callable[..., Identification], settings: Settings) -> None:
    def title(**changes: Any) -> str:
        return made(replace(settings, **changes)).title

    assert title() == "gamma"
    assert title(enhancer_options={"gamma": 0.5}) == "gamma gamma=0.5"
    assert title(enhancer=None) == "no enhancement"
    assert title(title="Mine") == "Mine"
