from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from torch import nn

from lowface_core.config.load import read, shipped
from lowface_core.config.schema import schema
from lowface_core.registry.loader import load_plugins

AddPlugin = Callable[..., None]


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """The schema of what is installed, made without the network."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "create_connection", lambda *a, **k: pytest.fail("the schema asked the network"))
        found = schema(load_plugins())
    return json.loads(json.dumps(found, allow_nan=False))


@pytest.fixture(scope="module")
def validator(made: dict[str, Any]) -> Draft202012Validator:
    Draft202012Validator.check_schema(made)
    return Draft202012Validator(made)


def told(validator: Draft202012Validator, cfg: Any) -> str:
    return "; ".join(error.message for error in validator.iter_errors(cfg))


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_config_is_valid_and_misspelt_it_is_not(validator: Draft202012Validator, name: str) -> None:
    cfg = read(name)
    assert told(validator, cfg) == ""
    for section in ("enhancer", "head", "train_dataset"):
        if section in cfg:
            wrong = {**cfg, section: {**cfg[section], "chanels": 3}}
            assert "'chanels' was unexpected" in told(validator, wrong)
    for section in ("losses", "metrics", "heads"):
        for part, spec in cfg.get(section, {}).items():
            wrong = {**cfg, section: {**cfg[section], part: {**spec, "wieght": 3}}}
            assert "'wieght' was unexpected" in told(validator, wrong)


DEFAULT = read("lowfacenet")


def changed(path: str, value: Any) -> dict[str, Any]:
    cfg = json.loads(json.dumps(DEFAULT))
    *keys, last = path.split(".")
    node = cfg
    for key in keys:
        node = node.setdefault(key, {})
    node[last] = value
    return cfg


@pytest.mark.parametrize(
    ("path", "value", "right"),
    [
        ("btach_size", 3, False),
        ("_helper", 3, True),
        ("batch_size", 0, False),
        ("batch_size", 2.5, False),
        ("lr", 1, True),
        ("lr", "fast", False),
        ("lr_schedule", "linear", False),
        ("grad_clip", None, True),
        ("lr", None, False),
        ("amp", 1, False),
        ("max_epochs", 3, False),  # and max_iters is said
        ("enhancer.type", "retinx", False),
        ("enhancer.type", "lowface/retinex", True),
        ("enhancer.type", "lowface:retinex/retinex", True),
        ("enhancer.channels", "many", False),
        ("task", None, True),
        ("task", 0, False),
        ("heads", None, True),
        ("heads", [], False),
        ("enhancer.residual", None, True),
        ("losses.color.type", "psnr", False),
        ("losses.color.weight", "much", False),
        ("losses.feature_cr.layers", ["relu1_2"], True),
        ("losses.feature_cr.layers", "relu1_2", False),
        ("losses.feature_cr.layer_weights", ["a"], False),
        ("heads.vgg", {"type": "vgg16"}, False),  # without weights
        ("heads.vgg", {"type": "vgg16", "weights": "imagenet"}, True),
        ("heads.face.encoder.dim", "big", False),
        ("heads.face.encoder.wieghts", "embedded", False),
        ("heads.face.encoder", None, False),
        ("heads.face.detector", None, True),
        ("train_dataset.degradation.hihg", 0.3, False),
        ("train_dataset.degradation", {"type": "compose"}, False),  # without steps
        ("train_dataset.degradation", {"type": "compose", "steps": [{"type": "linear"}]}, True),
        ("train_dataset.degradation", {"type": "compose", "steps": [{"type": "linnear"}]}, False),
        ("train_dataset.degradation", {"type": "color"}, False),
    ],
)
def test_a_value_is_judged(validator: Draft202012Validator, path: str, value: Any, right: bool) -> None:
    found = told(validator, changed(path, value))
    assert (found == "") == right, found


def test_a_config_without_what_its_command_needs_is_not_valid(validator: Draft202012Validator) -> None:
    assert told(validator, {"max_iters": 3}) != ""
    assert told(validator, {"max_iters": 3, "train_dataset": {"type": "rendered_faces"}}) != ""
    head = {"max_iters": 3, "train_dataset": {"type": "rendered_faces"}, "head": {"type": "face_encoder"}}
    assert told(validator, head) == ""


def test_every_component_has_a_definition_that_says_whose_it_is(made: dict[str, Any]) -> None:
    for component in load_plugins().components():
        found = made["$defs"][f"{component.kind}.{component.plugin.replace(':', '.')}.{component.name}"]
        assert found["x-plugin"] == component.plugin


def test_strangers_are_in_it_by_the_names_that_mean_them(add_plugin: AddPlugin) -> None:
    class Haze(nn.Module):
        """Haze.

        More."""

        def __init__(self, target: float, ways: tuple[int, int] | None = None, what: NoSuchName = 3):  # noqa: F821
            super().__init__()

    add_plugin({"loss": {"haze": Haze, "later": "gone_package:Loss", "free": nn.Identity}})
    found = schema()
    made = found["$defs"]["loss.stranger.made.haze"]
    assert made["required"] == ["target"]
    assert made["description"] == "Haze."
    assert made["properties"]["what"] == {"default": 3}
    valid = Draft202012Validator(found).is_valid
    assert valid(changed("losses.haze", {"type": "haze", "target": 1, "ways": [1, 2], "what": "ever"}))
    assert not valid(changed("losses.haze", {"type": "haze", "target": 1, "ways": [1]}))
    assert not valid(changed("losses.haze", {"type": "haze"}))
    assert "pip install gone_package" in found["$defs"]["loss.stranger.made.later"]["$comment"]
    assert valid(changed("losses.later", {"type": "later", "any": 1}))
    assert valid(changed("losses.free", {"type": "free", "any": 1}))


def test_a_name_that_two_claim_must_be_written_with_its_distribution(add_plugin: AddPlugin) -> None:
    add_plugin({"loss": {"color": nn.Identity}})
    valid = Draft202012Validator(schema()).is_valid
    assert not valid(changed("losses.color", {"type": "color"}))
    assert valid(changed("losses.color", {"type": "lowface/color"}))
    assert valid(changed("losses.color", {"type": "stranger/color"}))
