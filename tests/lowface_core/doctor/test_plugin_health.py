from __future__ import annotations

from collections.abc import Callable

import pytest
from torch import nn

from lowface_core.doctor import plugin_health
from lowface_core.doctor.finding import OK, WARNING, Finding
from lowface_core.registry import loader

AddPlugin = Callable[..., None]


def findings(level: str) -> list[Finding]:
    return [f for f in plugin_health.check() if f.level == level]


def test_every_plugin_is_listed_with_what_it_offers(add_plugin: AddPlugin) -> None:
    add_plugin({"loss": {"a": nn.Identity, "b": nn.Identity}, "head": {"c": nn.Identity}})
    assert "stranger:made 1.0: 2 losses, 1 head" in [f.what for f in findings(OK)]


def test_two_strangers_with_one_name_are_only_warned_of(add_plugin: AddPlugin) -> None:
    add_plugin({"loss": {"haze": nn.Identity}}, distribution="a")
    add_plugin({"loss": {"haze": nn.Identity}}, distribution="b")
    (found,) = findings(WARNING)
    assert found.what == "loss 'haze' is claimed by plugins a:made, b:made"
    assert found.cure == "write a/haze or b/haze in configs, or leave one out: LOWFACE_PLUGINS=-made"


def test_an_optional_package_that_is_missing_is_only_warned_of(add_plugin: AddPlugin) -> None:
    add_plugin({"metric": {"fancy": ("gone_package:Metric", {"better": "lower"})}})
    (found,) = findings(WARNING)
    assert found.what.endswith("it needs the package 'gone_package', which is not installed; pip install gone_package")
    assert "metric 'fancy'" in found.cure


def test_a_plugin_that_prints_is_warned_of(add_plugin: AddPlugin) -> None:
    def check_config(cfg: object) -> list[str]:
        return []

    add_plugin({}, check_config=check_config)
    assert findings(WARNING) == []

    def register_losses(register: Callable[..., None]) -> None:
        print("welcome\nto haze")

    add_plugin({}, distribution="loud", register_losses=register_losses)
    (found,) = findings(WARNING)
    assert found.what == "plugin loud:made prints while it is loaded: 'welcome to haze'"


def test_a_plugin_that_imports_torch_while_it_is_loaded_is_warned_of(add_plugin: AddPlugin) -> None:
    add_plugin({"loss": {"haze": nn.Identity}}, distribution="heavy")
    next(p for p in loader.plugins().loaded if p.key == "heavy:made").heavy = True
    (found,) = findings(WARNING)
    assert found.what == "plugin heavy:made imports torch while it is loaded, so every command waits for it"
    assert found.cure.startswith('its author should register by text, "module:attribute"')


@pytest.mark.parametrize(
    ("seconds", "threads", "said"),
    [
        (2.5, (), ["takes 2.5 s to load, so every command waits for it"]),
        (0.1, ("watch", "poll"), ["leaves threads running (watch, poll) in every command"]),
        (1.5, ("poll",), ["takes 1.5 s to load", "leaves threads running (poll)"]),
        (0.1, (), []),
    ],
)
def test_what_every_command_suffers_of_is_told(
    add_plugin: AddPlugin, seconds: float, threads: tuple[str, ...], said: list[str]
) -> None:
    add_plugin({"loss": {"haze": nn.Identity}}, distribution="burden")
    plugin = next(p for p in loader.plugins().loaded if p.key == "burden:made")
    plugin.seconds, plugin.threads = seconds, threads
    found = findings(WARNING)
    assert len(found) == len(said)
    for finding, text in zip(found, said, strict=True):
        assert finding.what.startswith(f"plugin burden:made {text}")
        assert "LOWFACE_PLUGINS=-" in finding.cure
