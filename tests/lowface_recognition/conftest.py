"""Fixtures of the recognition plugin's tests: people that a few lines recognise, without any weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from lowface_core.data.images import write_image

#: Half of the pictures become too dark for the recogniser of these tests, and noisy.
DARK = ("--degradation", "sensor", "--degradation-options", "exposure=0.01,0.025", "electrons=20000", "read_noise=4")
#: Side of a person's pattern; an embedding is the pattern again, less its mean.
PATTERN = 8


class PatternRecogniser:
    """Stands in for the recogniser: knows people by their pattern, and sees nobody where it is dark.

    Attributes:
        seen: pictures asked about so far, over all instances.
        stop_after: raises KeyboardInterrupt when so many have been asked about.
    """

    seen = 0
    stop_after: int | None = None

    def __init__(self, spec: dict[str, Any], device: torch.device) -> None:
        pass

    def __call__(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        cls = type(self)
        if cls.stop_after is not None and cls.seen >= cls.stop_after:
            raise KeyboardInterrupt
        cls.seen += len(pictures)
        small = F.adaptive_avg_pool2d(pictures, PATTERN).flatten(1)
        found = pictures.mean((1, 2, 3)) > 0.05
        rows = F.normalize(small - small.mean(1, keepdim=True), dim=1)
        return rows * found[:, None], found


@pytest.fixture
def recogniser(monkeypatch: pytest.MonkeyPatch) -> type[PatternRecogniser]:
    """Recognition by :class:`PatternRecogniser` in both commands."""
    monkeypatch.setattr("lowface_recognition.recognition.Recogniser", PatternRecogniser)
    monkeypatch.setattr(PatternRecogniser, "seen", 0)
    monkeypatch.setattr(PatternRecogniser, "stop_after", None)
    return PatternRecogniser


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config whose recogniser needs no file that does not ship with the project."""
    face = {
        "type": "face",
        "locate": "normal",
        "detector": {"type": "mtcnn"},
        "encoder": {"type": "face_encoder", "weights": "embedded"},
    }
    path = tmp_path / "recogniser.json"
    path.write_text(json.dumps({"heads": {"face": face}}))
    return path


@pytest.fixture
def people(tmp_path: Path) -> Callable[..., Path]:
    """Writes a folder of people, each known by a pattern: ``<person>/<person>_<nnnn>.png``."""

    def write(name: str = "people", count: int = 6, pictures: int = 3, size: int = 32, noise: float = 0.05) -> Path:
        for number in range(count):
            pattern = np.random.default_rng(number).random((3, PATTERN, PATTERN))
            for n in range(1, pictures + 1):
                rng = np.random.default_rng([number, n])
                side = size + 8 * (n % 2)  # two sizes, so that batches must be told apart
                picture = pattern.repeat(-(-side // PATTERN), 1).repeat(-(-side // PATTERN), 2)[:, :side, :side]
                picture = np.clip(0.2 + 0.6 * picture + rng.normal(0, noise, picture.shape), 0, 1)
                person = f"p{number:02d}"
                (tmp_path / name / person).mkdir(parents=True, exist_ok=True)
                write_image(tmp_path / name / person / f"{person}_{n:04d}.png", picture.astype(np.float32))
        return tmp_path / name

    return write


@pytest.fixture
def recognition(lowface: Callable[..., Any], config: Path, recogniser: type) -> Callable[..., Any]:
    """Runs ``lowface identify`` or ``lowface verify`` by the recogniser of these tests; ``dark`` darkens by sensor."""

    def run(command: str, *words: Any, dark: bool = False) -> Any:
        return lowface(command, "--config", config, "--device", "cpu", *words, *(DARK if dark else ()))

    return run


@pytest.fixture
def one_line(recognition: Callable[..., Any], tmp_path: Path) -> Callable[..., None]:
    """Checks that a mistake is one line on stderr that holds a text, and that nothing is written."""

    def check(message: str, *words: Any) -> None:
        said = recognition(*words)
        assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
        assert message in said.err
        assert not list(tmp_path.rglob("result.json"))

    return check
