"""Identification and verification in ``lowface report``: what results must hold, tables, charts, pictures."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowface_core.errors import ConfigError, DataError
from lowface_core.report.charts import Chart
from lowface_core.report.inputs import load, read
from lowface_core.report.summaries import charts, tables
from lowface_core.report.tables import Table
from lowface_core.report.write import page
from lowface_recognition.reports import degraded, describe

Write = Callable[..., Path]
SENSOR = {"type": "sensor", "exposure": [0.04, 0.1], "read_noise": 0}


def write_folder(folder: Path, kind: str, title: str, content: Mapping[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    common = {"format": 1, "kind": kind, "title": title, "pictures": 20, "data": "faces", "manifest": {}}
    (folder / "result.json").write_text(json.dumps({**common, **content}))
    return folder


def interval(value: float, spread: float = 0.03, **more: float) -> dict[str, float]:
    """A number with its bounds."""
    return {"value": value, "low": max(value - spread, 0), "high": min(value + spread, 1), **more}


@pytest.fixture
def identification(tmp_path: Path) -> Write:
    """Writes an identification whose enhanced rank-1 is ``rank1``."""

    def stage(rank1: float) -> dict[str, Any]:
        return {
            "rank1": interval(rank1),
            "rank5": interval(min(rank1 + 0.1, 1)),
            "rank10": interval(min(rank1 + 0.15, 1)),
            "undetected": interval(0.04, 0.01),
            "cmc": [min(rank1 + 0.02 * rank, 1.0) for rank in range(20)],
            "open_set": [
                {"fpir": 0.01, "tpir": None, "note": "too few probes"},
                {"fpir": 0.1, "tpir": interval(rank1 / 2), "note": None},
            ],
        }

    def write(title: str = "gamma", folder: str = "", rank1: float = 0.6, **content: Any) -> Path:
        held = {
            "gallery": {"people": 40, "pictures": ["a/1"] * 40, "undetected": ["a/1"]},
            "probes": 69,
            "recogniser": {"type": "face", "detector": {"type": "retinaface"}, "encoder": {"type": "mobilefacenet"}},
            "protocol": {"seed": 0},
            "stages": {"low": stage(0.3), "enhanced": stage(rank1), "normal": stage(0.95)},
            "gained": ["a/2"] * 15,
            "lost": ["b/2"] * 3,
            "change": {"rank1": {"value": rank1 - 0.3, "low": rank1 - 0.4, "high": rank1 - 0.2}},
        }
        return write_folder(tmp_path / (folder or f"id_{title}"), "identification", title, {**held, **content})

    return write


@pytest.fixture
def verification(tmp_path: Path) -> Write:
    """Writes a verification whose enhanced accuracy is ``accuracy``."""

    def stage(accuracy: float) -> dict[str, Any]:
        far = [0.0, *np.logspace(-4, 0, 40).tolist()]
        return {
            "accuracy": interval(accuracy, std=0.012),
            "auc": interval(min(accuracy + 0.05, 1)),
            "eer": interval(1 - accuracy),
            "tar": [
                {"far": 0.1, "tar": interval(accuracy - 0.1), "note": None},
                {"far": 1e-4, "tar": None, "note": "too few impostor pairs"},
            ],
            "roc": {"far": far, "tar": [f ** (1 - accuracy) for f in far]},
            "undetected": interval(0.02, 0.01),
        }

    def write(title: str = "gamma", folder: str = "", accuracy: float = 0.8, **content: Any) -> Path:
        held = {
            "pairs": {"genuine": 300, "impostor": 300},
            "recogniser": {"type": "face"},
            "protocol": {"folds": 10},
            "stages": {"low": stage(0.6), "enhanced": stage(accuracy), "normal": stage(0.97)},
        }
        return write_folder(tmp_path / (folder or f"ver_{title}"), "verification", title, {**held, **content})

    return write


def made(*folders: Path) -> dict[str, Table]:
    return {table.id: table for table in tables(load(folders))}


def drawn(*folders: Path) -> dict[str, Chart]:
    return {chart.title: chart for section in charts(load(folders)) for chart in section.charts}


def row(table: Table, stage: str, method: str) -> dict[str, str]:
    cells = next(r.cells for s, rows in table.groups if s == stage for r in rows if r.method == method)
    return {column.key: cell.text for column, cell in zip(table.columns, cells, strict=True)}


def test_identification_counts_what_was_not_detected(identification: Write) -> None:
    found = made(identification("a", rank1=0.5), identification("b", rank1=0.6))
    table = found["identification"]
    assert row(table, "enhanced", "b") == {
        "rank1": "60.0",
        "rank5": "70.0",
        "rank10": "75.0",
        "undetected": "4.0",
        "tpir@0.01": "–",
        "tpir@0.1": "30.0",
    }
    assert any("undetected face is a wrong answer" in note for note in table.notes)
    assert any("1 of them without a detected face; 69 probes" in note for note in table.notes)
    assert any("95 % intervals, bootstrap over identities" in note for note in table.notes)
    assert table.groups[1][1][1].cells[4].note == "too few probes"
    assert table.groups[1][1][1].cells[0].interval == "[57.0, 63.0]"
    table = found["changes-identification"]
    assert row(table, "low → enhanced", "b") == {"change rank1": "30.0", "gained": "15", "lost": "3"}
    assert table.columns[0].detail == "points"
    assert table.groups[0][1][0].cells[0].interval == "[10.0, 30.0]"


def test_other_data_or_another_protocol_are_another_table(identification: Write, verification: Write) -> None:
    one, two = (verification(n, protocol={"folds": 10, "enhancer": n}) for n in "ab")
    assert list(made(one, two)) == ["verification"]  # the enhancer keeps no methods apart
    assert list(made(one, verification("c", protocol={"folds": 5}))) == ["verification", "verification-2"]
    people = made(identification("a"), identification("b", probes=7))
    assert {"identification", "identification-2", "changes-identification-2"} <= set(people)


def test_verification_says_where_pairs_are_too_few(verification: Write) -> None:
    table = made(verification(accuracy=0.8))["verification"]
    assert row(table, "enhanced", "gamma") == {
        "accuracy": "80.0 ± 1.2",
        "auc": "85.0",
        "eer": "20.0",
        "tar@0.1": "70.0",
        "tar@0.0001": "–",
        "undetected": "2.0",
    }
    assert [c.better for c in table.columns] == ["higher", "higher", "lower", "higher", "higher", "lower"]
    assert table.groups[1][1][0].cells[4].note == "too few impostor pairs"
    assert "300 genuine and 300 impostor pairs" in table.notes[0]


def test_cmc_and_roc_show_every_method_and_stage(identification: Write, verification: Write) -> None:
    people = drawn(identification("a", rank1=0.5), identification("b", rank1=0.7))
    assert list(people) == ["Rank-1 identification", "CMC"]
    lines = [name for _, name in people["CMC"].legend]
    assert lines == ["low, all methods", "a, enhanced", "b, enhanced", "normal, all methods"]
    assert people["CMC"].rows[0] == ("1", "0.3", "0.5", "0.7", "0.95")
    pairs = drawn(verification("a"), verification("b", accuracy=0.9))
    assert list(pairs) == ["Verification accuracy", "ROC"]
    assert [name for _, name in pairs["ROC"].legend][1:3] == ["a, enhanced", "b, enhanced"]
    assert "10<tspan" in pairs["ROC"].picture  # a logarithmic axis
    assert float(pairs["ROC"].rows[0][0]) > 0


def test_a_method_alone_is_drawn_by_stage(identification: Write) -> None:
    assert [name for _, name in drawn(identification())["CMC"].legend] == ["low", "enhanced", "normal"]
    assert drawn(identification("x", stages={"enhanced": {}})) == {}


def test_other_recognisers_are_refused(identification: Write) -> None:
    with pytest.raises(ConfigError, match=r"recogniser: 'gamma' and 'b' .*type 'face', now 'other'"):
        load([identification(), identification("b", recogniser={"type": "other"})])


@pytest.mark.parametrize(
    ("broken", "path"),
    [
        ({"stages": {"low": None}}, "stages.low:"),
        ({"stages": {"low": {"cmc": 3}}}, "stages.low.cmc:"),
        ({"gallery": []}, "gallery:"),
        ({"stages": {"low": {"open_set": [{}]}}}, "stages.low.open_set.0.fpir is missing"),
        ({"gained": None}, "gained:"),
    ],
)
def test_what_is_broken_inside_is_named_by_path(identification: Write, broken: dict[str, Any], path: str) -> None:
    with pytest.raises(DataError, match=f"not a result; {path}") as caught:
        read(identification(**broken))
    assert "\n" not in str(caught.value)


def test_notes_say_how_pictures_were_made_and_compared(identification: Write, verification: Write) -> None:
    protocol = {"seed": 0, "degradation": SENSOR}
    for table in made(identification(protocol=protocol), verification(protocol=protocol)).values():
        made_by = any(note.startswith("Low pictures: made by") for note in table.notes)
        assert made_by != table.id.startswith("changes")
    assert degraded({"degradation": SENSOR, "repeats": 3}) == [
        "Low pictures: made by sensor (exposure 0.04–0.1, read_noise 0), 3 times each."
    ]
    assert degraded({"degradation": {"type": "haze"}}) == ["Low pictures: made by haze."]
    assert degraded({"degradation": None}) == degraded({}) == []
    assert describe({"type": "face", "locate": "labels", "encoder": {"type": "mobile"}}) == "face (encoder mobile)"
    assert describe({"face": {"type": "x"}}) == "face x"
    assert describe(None) == describe({}) == "not stated"


def test_the_page_shows_both_and_what_they_name(identification: Write, verification: Write) -> None:
    sources = load([identification("<b>a"), verification("<b>a")])
    text = page(sources, tables(sources), "title", "command")
    for part in ("<h3>Identification</h3>", "<h3>Verification</h3>", "recogniser", "retinaface"):
        assert part in text
    assert "<b>a" not in text
    assert list(sources[0].report.groups) == ["lost", "undetected", "gained"]
