"""``lowface detect`` from end to end: bright squares in the dark, and a detector that finds what is bright."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from scipy import ndimage

from lowface_core.data.images import write_image
from lowface_core.report.inputs import load
from lowface_core.report.summaries import tables
from lowface_core.runs.results import read_result
from lowface_recognition.detection.detect import Detection


def finds_squares(self: Detection) -> None:
    def detector(picture: torch.Tensor) -> list[Any]:
        grey = picture[0].mean(0).numpy()
        places = ndimage.find_objects(ndimage.label(grey > 0.3)[0])
        boxes = [[x.start, y.start, x.stop, y.stop] for y, x in places]
        scores = [0.5 + 0.5 * float(grey[place].mean()) for place in places]
        return [SimpleNamespace(boxes=torch.tensor(boxes).reshape(-1, 4).float(), scores=torch.tensor(scores))]

    self.detector = detector  # type: ignore[assignment]


@pytest.fixture
def streets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Six pictures of two squares each, the first bright enough to be found as it is, and one of none."""
    monkeypatch.setattr(Detection, "prepare", finds_squares)
    rng = np.random.default_rng(0)
    for number in range(7):
        picture, lines = 0.01 + 0.01 * rng.random((3, 40, 60)), []
        for place, level in enumerate((0.6, 0.2) if number < 6 else ()):
            left, top = 5 + 25 * place, 4 + number
            picture[:, top : top + 12, left : left + 10] = level
            lines.append(f"{left} {top} {left + 10} {top + 12}")
        write_image(tmp_path / "dark" / "image" / f"{number}.png", picture)
        (tmp_path / "dark" / "label").mkdir(exist_ok=True)
        (tmp_path / "dark" / "label" / f"{number}.txt").write_text("\n".join([str(len(lines)), *lines]) + "\n")
    return tmp_path / "dark"


def test_enhancement_finds_what_was_too_dark(
    streets: Path, lowface: Callable[..., Any], config: Path, tmp_path: Path
) -> None:
    words = ("detect", "--data", streets, "--config", config, "--device", "cpu", "--enhancer", "gamma")
    done = lowface(*words, "--work-dir", "out", "--json")
    assert done.code == 0, done.err
    result = json.loads(done.out)
    assert result == read_result(tmp_path / "out")
    assert (result["kind"], result["pictures"], result["objects"]) == ("detection", 7, 12)
    low, enhanced = (result["stages"][stage] for stage in ("low", "enhanced"))
    assert low["ap50"]["value"] == pytest.approx(51 / 101)  # half of the objects, and nothing wrong
    assert enhanced["ap50"]["value"] == enhanced["ap"]["value"] == 1
    assert (low["found"]["value"], enhanced["found"]["value"]) == (0.5, 1)
    assert result["change"]["ap50"]["value"] == pytest.approx(50 / 101)
    assert result["change"]["ap50"]["low"] > 0.3
    assert result["tests"] == [{"of": "ap50", "test": "bootstrap", "p": pytest.approx(2 / 201)}]
    assert result["gained"] == [str(number) for number in range(6)]
    assert result["lost"] == []
    lines = [json.loads(line) for line in (tmp_path / "out" / "pictures.jsonl").open()]
    assert [line["objects"] for line in lines] == [2] * 6 + [0]
    assert lines[0]["low"] == {"found": 1, "boxes": 1}
    text = lowface(*words, "--work-dir", "out").out.splitlines()
    assert text[0] == "Detection"
    assert text[1].split()[::3] == ["AP50", "AP", "AP75", "found"]
    assert any("7 pictures with 12 objects." in line for line in text)
    assert any(line.startswith("low → enhanced  gamma") for line in text)
    shown = tables(load([tmp_path / "out"]))
    assert [table.id for table in shown] == ["detection", "changes-detection"]
    assert lowface("report", "out", "-o", "page.html").code == 0
    assert "Average precision at half overlap" in (tmp_path / "page.html").read_text()


def test_it_goes_on_after_an_interruption(
    streets: Path, lowface: Callable[..., Any], config: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    words = ("detect", "--data", streets, "--config", config, "--device", "cpu", "--json", "--work-dir")
    whole = json.loads(lowface(*words, "whole").out)
    asked = {"count": 0}

    def stops(self: Detection) -> None:
        finds_squares(self)
        find = self.detector

        def detector(picture: torch.Tensor) -> Any:
            asked["count"] += 1
            if asked["count"] == 4:
                raise KeyboardInterrupt
            return find(picture)

        self.detector = detector  # type: ignore[assignment]

    monkeypatch.setattr(Detection, "prepare", stops)
    monkeypatch.setattr("lowface_core.runs.result_folder.ResultFolder.due", lambda self: True)
    assert lowface(*words, "broken").code == 130
    monkeypatch.setattr(Detection, "prepare", finds_squares)
    done = lowface(*words, "broken")
    assert "continuing after 3 pictures" in done.err
    again = json.loads(done.out)
    assert {k: v for k, v in again.items() if k != "manifest"} == {k: v for k, v in whole.items() if k != "manifest"}


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((), 2, "give --data FOLDER"),
        (("--data-options", "type=rendered_faces", "--aligned"), 2, "--aligned: there is nothing to detect"),
        (("--data", "nowhere"), 1, "nowhere: no such folder"),
        (("--data", "dark", "--classes", "cat"), 1, "--classes: there are no boxes of cat"),
        (("--data", "dark/image", "--data-options", "type=image_folder"), 1, "image_folder knows no boxes, only"),
    ],
)
def test_mistakes_are_one_line(
    streets: Path, lowface: Callable[..., Any], config: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    done = lowface("detect", "--config", config, *words)
    assert done.code == code
    assert told in done.err


def test_a_real_detector_on_rendered_faces(lowface: Callable[..., Any], config: Path) -> None:
    faces = ("type=rendered_faces", "size=96", "identities=2", "pictures=1")
    done = lowface("detect", "--config", config, "--device", "cpu", "--data-options", *faces, "--json")
    assert done.code == 0, done.err
    result = json.loads(done.out)
    assert result["objects"] == 2
    assert result["recogniser"]["type"] == "mtcnn"
    assert 0 <= result["stages"]["low"]["ap50"]["value"] <= 1
