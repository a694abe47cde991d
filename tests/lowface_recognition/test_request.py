"""What both commands prepare, and by which an earlier result is known again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import lowface_core as lf
from lowface_core.errors import ConfigError
from lowface_recognition.request import Prepared, Settings, parse_options


@pytest.fixture
def settings(config: Path) -> Settings:
    return Settings(
        enhancer="gamma",
        enhancer_options=(),
        degradation="sensor",
        degradation_options=("exposure=0.04,0.10",),
        config=str(config),
        cfg_options=(),
        title=None,
        device="cpu",
        seed=0,
        batch_size=4,
        work_dir=None,
        overwrite=False,
    )


def test_intervals_and_numbers() -> None:
    assert parse_options(("exposure=0.04,0.10", "bits=12", "jpeg=null"), "--x") == {
        "exposure": [0.04, 0.10],
        "bits": 12,
        "jpeg": None,
    }
    with pytest.raises(ConfigError, match=r"--x a\.b=1: write it as keyword=value"):
        parse_options(("a.b=1",), "--x")


CHANGES: dict[str, dict[str, Any]] = {
    "enhancer": {"enhancer": None},
    "its keywords": {"enhancer_options": ("gamma=0.5",)},
    "darkening": {"degradation_options": ("exposure=0.05",)},
    "seed": {"seed": 1},
    "batch size": {"batch_size": 8},
    "recogniser": {"cfg_options": ("heads.face.detector.smallest_face=40",)},
}


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_changes_the_result_changes_the_request(settings: Settings, what: str) -> None:
    before, after = (Prepared(s).request(kind="x") for s in (settings, replace(settings, **CHANGES[what])))
    assert before == Prepared(settings).request(kind="x")
    assert before != after


def test_other_weights_of_the_same_name_change_the_request(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        state = {"state_dict": lf.build("enhancer", "retinex", channels=2).state_dict()}
        torch.save({**state, "enhancer_config": {"type": "retinex", "channels": 2}}, tmp_path / "one.pth")
        told.append(Prepared(replace(settings, enhancer=str(tmp_path / "one.pth"))).request())
    assert told[0]["title"] == told[1]["title"] == "one"
    assert told[0]["protocol"]["enhancer"] != told[1]["protocol"]["enhancer"]


def test_names_of_methods(settings: Settings, tmp_path: Path, lowface: Callable[..., Any]) -> None:
    def title(**changes: Any) -> str:
        return Prepared(replace(settings, **changes)).title

    assert title() == "gamma"
    assert title(enhancer_options=("gamma=0.5",)) == "gamma gamma=0.5"
    assert title(enhancer=None) == "no enhancement"
    assert title(title="Mine") == "Mine"


def test_options_of_nothing(settings: Settings) -> None:
    with pytest.raises(ConfigError, match="--enhancer-options: belong to an enhancer; add --enhancer NAME"):
        Prepared(replace(settings, enhancer=None, enhancer_options=("gamma=0.5",)))
