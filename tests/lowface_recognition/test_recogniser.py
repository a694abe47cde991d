"""The recogniser of a config."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from lowface_core.errors import ConfigError, LowfaceError
from lowface_recognition.recogniser import Recogniser, described, face_config


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
