from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lowface_core.errors import PluginError
from lowface_core.registry.media import medium_of
from lowface_core.registry.registration import Component, Registrar


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("night.mp4", "video"),
        ("a/NIGHT.MOV", "video"),
        ("rtsp://camera/one", "video"),
        ("/dev/video0", "video"),
        ("-", "video"),
        ("night.png", None),
        ("-night.png", None),
        ("photos", None),
        ("night", None),
    ],
)
def test_endings_and_addresses_decide(source: str, name: str | None) -> None:
    found = medium_of(source)
    assert (found and found.name) == name


def test_a_folder_is_one_of_pictures(tmp_path: Path) -> None:
    (tmp_path / "frames.mp4").mkdir()
    assert medium_of(str(tmp_path / "frames.mp4")) is None


def test_what_a_plugin_states_is_checked() -> None:
    into: list[Component] = []
    register: Callable[..., Any] = Registrar("medium", "a:b", "a", into)
    register("film", "a.film:enhance", opens=[".film"], addresses=["film://"])
    assert into[0].facts == {"opens": [".film"], "addresses": ["film://"]}
    for facts, said in (
        ({}, "say what it answers to"),
        ({"addresses": "film://"}, "addresses is a list of texts"),
        ({"addresses": [""]}, "addresses is a list of texts"),
        ({"opens": ["film"]}, "opens is a list of endings"),
        ({"better": "higher"}, "unknown fact 'better'"),
    ):
        with pytest.raises(PluginError, match=said):
            register("other", "a.film:enhance", **facts)
