from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lowface_core as lf
from lowface_core.config.build import build_from
from lowface_core.config.check import check_component
from lowface_core.errors import ConfigError, DataError, PluginError, WeightsError

AddPlugin = Callable[..., None]


class Widget:
    def __init__(self, size: int, part: Any = None, *, shade: float = 0.5) -> None:
        self.size, self.part, self.shade = size, part, shade


class Anything:
    def __init__(self, **kwargs: Any) -> None:
        self.kwargs = kwargs


def careless(size: int) -> Widget:
    raise ZeroDivisionError("oh\nno")


def strict(size: int) -> Widget:
    raise DataError(f"size is {size}")


class Weighted:
    def __init__(self, weights: str, width: int = 1) -> None:
        self.weights, self.width = weights, width


@pytest.fixture
def widgets(add_plugin: AddPlugin, tmp_path: Path) -> None:
    records = {"small": {"file": "none.safetensors", "arguments": {"width": 7}}}
    add_plugin(
        {
            "head": {
                "widget": (Widget, {"parts": {"part": "head"}}),
                "anything": Anything,
                "careless": careless,
                "strict": strict,
                "weighted": (Weighted, {"weights": records}),
            }
        }
    )


@pytest.mark.parametrize(
    ("spec", "faults"),
    [
        ({"type": "widget", "size": 1}, []),
        ({"type": "widget", "size": 1, "shade": 2.0}, []),
        ({"type": "anything", "whatever": 1}, []),
        ({"type": "widget", "size": 1, "part": {"type": "widget", "size": 2}}, []),
        ("widget", ["heads.w: must be a dict such as dict(type=…), not 'widget'"]),
        ({"size": 1}, ['heads.w: has no type=; write dict(type="<name of a head>", …)']),
        ({"type": "widget"}, ["heads.w.size: missing; head 'widget' needs it"]),
        (
            {"type": "widget", "size": 1, "shad": 2},
            ["heads.w.shad: head 'widget' takes no such keyword; did you mean 'shade'?; it takes: part, shade, size"],
        ),
        (
            {"type": "widget", "size": 1, "part": {"type": "widget", "part": {"size": 1}}},
            [
                "heads.w.part.size: missing; head 'widget' needs it",
                'heads.w.part.part: has no type=; write dict(type="<name of a head>", …)',
            ],
        ),
        ({"type": "widget", "size": 1, "part": 3}, ["heads.w.part: must be a dict such as dict(type=…), not 3"]),
        ({"type": "weighted"}, ["heads.w.weights: missing; head 'weighted' needs it (a file, or one of: small)"]),
    ],
)
def test_faults_of_a_component_config_come_with_their_paths(widgets: None, spec: Any, faults: list[str]):
    assert check_component("head", spec, "heads.w") == faults


def test_an_unknown_component_comes_with_path_and_nearest(widgets: None):
    (fault,) = check_component("head", {"type": "wiget"}, "heads.w")
    assert fault.startswith("heads.w.type: unknown head 'wiget'; did you mean 'widget'?")


def test_reserved_keys_never_reach_the_factory(widgets: None):
    built = build_from("head", {"type": "anything", "weight": 2, "a": 1}, "losses.x", reserved=("weight",))
    assert built.kwargs == {"a": 1}


def test_parts_are_built_first(widgets: None):
    built = build_from("head", {"type": "widget", "size": 1, "part": {"type": "widget", "size": 2}}, "heads.w")
    assert isinstance(built.part, Widget)
    assert built.part.size == 2


def test_a_part_may_be_an_object_already_built(widgets: None):
    inner = lf.build("head", "widget", size=2)
    assert lf.build("head", "widget", size=1, part=inner).part is inner


def test_failures_of_a_factory_are_told_with_path_and_plugin(widgets: None):
    with pytest.raises(PluginError) as raised:
        build_from("head", {"type": "careless", "size": 1}, "heads.w")
    assert str(raised.value) == (
        "heads.w: head 'careless' of plugin stranger:made could not be built: ZeroDivisionError: oh no"
    )
    with pytest.raises(DataError, match=r"^heads\.w: size is 3$"):
        build_from("head", {"type": "strict", "size": 3}, "heads.w")
    with pytest.raises(ConfigError, match="missing"):
        lf.build("head", "widget")


def test_weights_are_resolved_to_a_file_and_bring_their_arguments(widgets: None, tmp_path: Path, monkeypatch):
    file = tmp_path / "w.safetensors"
    file.write_bytes(b"x")
    built = lf.build("head", "weighted", weights=str(file))
    assert (built.weights, built.width) == (str(file), 1)
    monkeypatch.setattr("lowface_core.weights.record.package_file", lambda *asked: tmp_path / "w.safetensors")
    built = lf.build("head", "weighted", weights="small")
    assert (built.weights, built.width) == (str(file), 7)
    assert lf.build("head", "weighted", weights="small", width=9).width == 9


def test_missing_weights_say_what_could_be_asked_for(widgets: None, tmp_path: Path):
    with pytest.raises(WeightsError) as raised:
        lf.build("head", "weighted", weights="smal")
    assert str(raised.value) == (
        "head weighted: weights: no file 'smal'; weights with a name: small; did you mean 'small'?"
    )
