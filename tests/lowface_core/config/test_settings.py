from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from torch import nn

from lowface_core.config.load import read
from lowface_core.config.settings import MANY, NEEDED, ONE, SETTINGS, TOP_LEVEL, parts
from lowface_core.registry.registration import KINDS


@pytest.mark.parametrize("key", SETTINGS)
def test_every_default_passes_its_own_check_and_is_explained(key: str):
    assert SETTINGS[key].fault(key, SETTINGS[key].default) is None
    assert SETTINGS[key].help


def test_sections_name_kinds_there_are_and_no_name_twice():
    assert set(ONE.values()) | set(MANY.values()) <= set(KINDS)
    assert len(set(TOP_LEVEL)) == len(TOP_LEVEL)
    assert all(key in TOP_LEVEL for keys in NEEDED.values() for key in keys)


def test_every_part_is_named_with_its_plugin() -> None:
    found = {part.path: part.plugin for part in parts(read("lowfacenet"))}
    assert found["enhancer"] == "lowface:retinex"
    assert found["heads.face.encoder"] == "lowface:face"
    assert found["train_dataset.degradation"] == "lowface:data"
    assert found["metrics.psnr"] == "lowface:metrics"
    assert len(found) == len(list(parts(read("lowfacenet"))))


def test_what_nobody_offers_is_told_and_hides_nothing(add_plugin: Callable[..., Any]) -> None:
    add_plugin({"loss": {"haze": nn.Identity}})
    add_plugin(loads=ImportError("libgone.so"), distribution="broken")
    cfg = {"losses": {"a": {"type": "gone"}, "b": {"type": "haze"}, "c": 3}, "heads": 7, "enhancer": {}}
    found = {part.path: part for part in parts(cfg)}
    assert set(found) == {"enhancer", "losses.a", "losses.b", "losses.c"}
    assert "broken:made failed to load and may have offered it: ImportError: libgone.so" in str(found["losses.a"].error)
    assert found["losses.b"].plain() == {
        "kind": "loss",
        "type": "haze",
        "plugin": "stranger:made",
        "version": "1.0",
        "error": None,
    }
    assert found["losses.b"].note == "stranger:made 1.0"
    assert found["losses.a"].note.startswith("no plugin: losses.a.type: unknown loss 'gone'")
    assert found["losses.c"].plain()["plugin"] is None
