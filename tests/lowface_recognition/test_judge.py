"""A recipe judged by the recogniser that it was trained through is told so."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import lowface_core as lf
from lowface_core.runs import checkpoint
from lowface_recognition.judge import trained_through
from lowface_recognition.recogniser import described, face_config

JUDGE = {"type": "face", "sha256": {"detector": "d", "encoder": "e"}}


def run(folder: Path, **weights: str) -> Path:
    folder.mkdir()
    places = {place.replace("_", "."): {"asked": "file", "sha256": sha} for place, sha in weights.items()}
    (folder / "manifest.json").write_text(json.dumps({"weights": places}))
    (folder / checkpoint.LAST).touch()
    return folder


def test_the_same_encoder_is_told_and_the_same_detector_is_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    same = run(tmp_path / "same", heads_face_encoder="e", heads_face_detector="d")
    other = run(tmp_path / "other", heads_face_encoder="f", heads_face_detector="d", enhancer="e")
    with caplog.at_level(logging.WARNING, "lowface"):
        assert trained_through(str(other), JUDGE) is False
        assert not caplog.records
        assert trained_through(str(same), JUDGE) is True
        assert trained_through(str(same / checkpoint.LAST), JUDGE) is True
    assert len(caplog.records) == 2
    line = caplog.records[0].getMessage()
    assert "heads.face.encoder" in line
    assert "recognition_sface" in line
    assert "\n" not in line


def test_what_has_no_run_is_not_known(tmp_path: Path) -> None:
    damaged = run(tmp_path / "damaged")
    (damaged / "manifest.json").write_text("[]")
    for enhancer in (None, "gamma", str(tmp_path), str(damaged)):
        assert trained_through(enhancer, JUDGE) is None
    assert trained_through(str(run(tmp_path / "run")), {"type": "mine", "sha256": {}}) is None


@pytest.mark.usefixtures("recogniser")
def test_a_result_and_its_table_say_so(
    recognition: Callable[..., Any], people: Callable[..., Path], config: Path, tmp_path: Path
) -> None:
    spec = {"type": "retinex", "channels": 4}
    folder = run(tmp_path / "mine", heads_face_encoder=described(face_config(str(config), ()))["sha256"]["encoder"])
    content = {"enhancer_config": spec, "state_dict": lf.build("enhancer", "retinex", channels=4).state_dict()}
    torch.save(content, folder / checkpoint.LAST)
    words = ("--data", people(), "--enhancer", folder, "--work-dir", "out")
    said = recognition("identify", *words, "--json", dark=True)
    assert said.code == 0, said.err
    assert json.loads(said.out)["trained_through"] is True
    assert said.err.count("was trained through the recogniser that judges it") == 1
    shown = recognition("identify", *words, dark=True)
    assert "Trained through this very recogniser, whose gains therefore say little: mine." in shown.out
