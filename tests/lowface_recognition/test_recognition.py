"""What both commands prepare, by which an earlier result is known again, and the recogniser of a config."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

import lowface_core as lf
from lowface_core.errors import ConfigError, LowfaceError
from lowface_recognition.identify import Identification, find
from lowface_recognition.recogniser import Recogniser, described, face_config
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
    return lambda settings: Identification(*sets, settings)


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


def test_the_shipped_config_asks_for_its_weights() -> None:
    with pytest.raises(ConfigError, match=r"heads.face.*: needs weights_root; add --cfg-options weights_root=FOLDER"):
        face_config("recognition", ())
    spec = face_config("recognition", ("weights_root=w", "heads.face.detector.input_size=640"))
    assert spec["detector"] == {
        "type": "retinaface",
        "weights": "w/Retinaface_mobilenet0.25.pth",
        "input_size": 640,
    }
    assert spec["encoder"]["type"] == "mobilefacenet"


def test_faces_are_found_in_the_picture_that_is_judged(config: Path) -> None:
    assert json.loads(config.read_text())["heads"]["face"]["locate"] == "normal"
    assert face_config(str(config), ())["locate"] == "enhanced"


def test_faults_of_the_config(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"recognitoin: no such config file; did you mean 'recognition'"):
        face_config("recognitoin", ())
    with pytest.raises(ConfigError, match=r"heads.face.encoder: has no type="):
        face_config("recognition", ("weights_root=w", "heads.face.encoder={}"))
    (tmp_path / "other.json").write_text(json.dumps({"heads": {"vgg": {"type": "vgg16"}}}))
    with pytest.raises(ConfigError, match=r"has no heads.face to recognise with; its heads: vgg. --config recognition"):
        face_config(str(tmp_path / "other.json"), ())


def test_the_description_is_the_same_on_every_machine(config: Path, tmp_path: Path) -> None:
    told = described(face_config(str(config), ()))
    assert told["encoder"]["weights"] == "embedded"
    assert set(told["sha256"]) == {"encoder"}
    assert all(len(value) == 64 for value in told["sha256"].values())


def test_embeddings_and_finds(config: Path) -> None:
    recogniser = Recogniser(face_config(str(config), ()), torch.device("cpu"))
    embedding, found = recogniser(torch.full((2, 3, 64, 64), 0.5))
    assert embedding.shape == (2, 128)
    assert not found.any()
    assert not embedding.any()


def test_a_head_that_recognises_nothing() -> None:
    recogniser = object.__new__(Recogniser)
    recogniser.device, recogniser.head = torch.device("cpu"), lambda pictures: SimpleNamespace(other=1)
    with pytest.raises(LowfaceError, match="must return an object with embedding"):
        recogniser(torch.zeros(1, 3, 8, 8))


def test_of_aligned_crops_nothing_is_detected(config: Path) -> None:
    from lowface_face.encoder import template_for

    spec = face_config(str(config), (), aligned=True)
    assert spec["locate"] == "labels"
    recogniser = Recogniser(spec, torch.device("cpu"))
    pictures = torch.rand(2, 3, 112, 112, generator=torch.Generator().manual_seed(0))
    embedding, found = recogniser(pictures)
    assert found.all()  # noise, in which a detector would find nobody
    wanted = recogniser.head(pictures, landmarks=template_for((112, 112)).expand(2, 5, 2)).embedding
    torch.testing.assert_close(embedding, wanted)
    assert face_config(str(config), ())["locate"] == "enhanced"
