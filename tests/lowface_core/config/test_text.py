from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from lowface_core.config.load import read, shipped
from lowface_core.config.text import config_text


def values(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(text, {}, names)
    return names


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_config_reads_back(name: str, tmp_path: Path) -> None:
    cfg = read(name)
    (tmp_path / "shown.py").write_text(config_text(cfg, {"losses.color": "whose", "train_dataset": "mine"}))
    assert read(str(tmp_path / "shown.py")) == cfg


ODD = {
    "quotes": ['it"s', "it's", "a\\b", "two\nlines", "both ' and \"", "{data_root}", ""],
    "keys": {"class": 1, "not a name": {"two": [1, {"three": 3}]}, "fine": {}},
    "empty": {},
    "none": None,
    "yes": True,
    "small": 1e-07,
    "long": {f"number_{i}": {"type": "x", "values": list(range(12))} for i in range(12)},
    "list": [{"type": f"{'long' * 20}{i}"} for i in range(3)],
}


def test_whatever_a_config_may_hold_reads_back() -> None:
    assert values(config_text(ODD, {"keys": "a note", "long.number_3": "another", "list.1": "third"})) == ODD


def test_numbers_that_have_no_literal_do_too() -> None:
    found = values(config_text({"a": [math.inf, -math.inf, math.nan]}, {}))["a"]
    assert found[:2] == [math.inf, -math.inf]
    assert math.isnan(found[2])


def test_a_note_stands_where_its_part_begins() -> None:
    cfg = {"heads": {"face": {"type": "face", "encoder": {"type": "small"}}, "vgg": {"type": "vgg16"}}}
    notes = {
        "heads.face": "lowface:face 0.1.0",
        "heads.face.encoder": "mine:x 2",
        "heads.vgg": "lowface:fidelity 0.1.0",
    }
    assert config_text(cfg, notes) == (
        "heads = dict(\n"
        "    face=dict(  # lowface:face 0.1.0\n"
        '        type="face",\n'
        '        encoder=dict(type="small"),  # mine:x 2\n'
        "    ),\n"
        '    vgg=dict(type="vgg16"),  # lowface:fidelity 0.1.0\n'
        ")"
    )
