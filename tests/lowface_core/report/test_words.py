from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lowface_core.report.inputs import read_all
from lowface_core.report.summaries import tables
from lowface_core.report.words import darkened, describe

SENSOR = {"type": "sensor", "exposure": [0.04, 0.1], "read_noise": 0}


def test_configs_are_told_in_a_few_words() -> None:
    assert describe({"type": "face", "locate": "labels", "encoder": {"type": "mobile"}}) == "face (encoder mobile)"
    assert describe({"face": {"type": "x"}}) == "face x"
    assert describe(None) == describe({}) == "not stated"


def test_the_darkening_is_told() -> None:
    told = darkened({"protocol": {"degradation": SENSOR, "repeats": 3}})
    assert told == ["Low pictures: made by sensor (exposure 0.04–0.1, read_noise 0), 3 times each."]
    assert darkened({"protocol": {"degradation": {"type": "haze"}}}) == ["Low pictures: made by haze."]
    assert darkened({"protocol": {"degradation": None}}) == darkened({}) == []


def test_it_stands_below_the_table(identification: Callable[..., Path], verification: Callable[..., Path]) -> None:
    protocol = {"seed": 0, "degradation": SENSOR}
    made = tables(read_all([identification(protocol=protocol), verification(protocol=protocol)]))
    noted = {table.id for table in made if any(note.startswith("Low pictures: made by") for note in table.notes)}
    assert {"identification", "verification"} <= noted
