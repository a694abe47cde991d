from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest
from torch import nn

from lowface_core import hookimpl
from lowface_core.errors import PluginError
from lowface_core.registry import loader

AddPlugin = Callable[..., None]


def named(key: str) -> loader.Plugin:
    return next(p for p in loader.plugins().loaded if p.key == key)


def test_the_shipped_plugins_load(add_plugin: AddPlugin):
    ours = [p for p in loader.plugins().loaded if p.distribution == "lowface"]
    assert {p.entry_point for p in ours} >= {"retinex", "contrast", "fidelity", "semantic", "face", "data", "metrics"}
    assert [p.error for p in ours if p.error] == []


def test_what_a_stranger_offers_is_found_by_each_of_its_names(add_plugin: AddPlugin):
    add_plugin({"loss": {"dark_channel": nn.Identity}})
    found = [
        loader.plugins().find("loss", n)
        for n in ("dark_channel", "stranger/dark_channel", "stranger:made/dark_channel")
    ]
    assert len({id(c) for c in found}) == 1
    assert found[0].plugin == "stranger:made"


def wrong_argument() -> ModuleType:
    module = ModuleType("wrong_argument")
    module.register_losses = hookimpl(lambda registry: None)
    return module


def misspelt() -> ModuleType:
    module = ModuleType("misspelt")
    module.register_loses = hookimpl(lambda register: register("x", dict))
    return module


def raising() -> ModuleType:
    def register_losses(register):
        register("half", dict)
        raise ValueError("two\nlines")

    module = ModuleType("raising")
    module.register_losses = hookimpl(register_losses)
    return module


FAULTS = {
    "import": (ImportError("No module named 'gone'"), "ImportError: No module named 'gone'"),
    "exit": (SystemExit(3), "SystemExit: 3"),
    "argument": (wrong_argument(), "registry"),
    "misspelt": (misspelt(), "register_loses"),
    "raises": (raising(), "ValueError: two lines"),
    "empty": (ModuleType("empty"), "implements no lowface hook"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_plugin_contributes_nothing_says_why_in_one_line_and_harms_nobody(add_plugin: AddPlugin, fault: str):
    loads, told = FAULTS[fault]
    add_plugin({"loss": {"healthy": nn.Identity}}, entry="healthy")
    add_plugin(loads=loads, distribution="broken")
    add_plugin({"loss": {"later": nn.Identity}}, entry="later")
    plugin = named("broken:made")
    assert plugin.status == "failed"
    assert told in plugin.error
    assert "\n" not in plugin.error
    assert plugin.components == []
    assert loader.plugins().find("loss", "healthy")
    assert loader.plugins().find("loss", "later")
    with pytest.raises(PluginError, match="unknown loss 'half'"):
        loader.plugins().find("loss", "half")


def test_one_manager_holds_every_plugin_that_loaded_and_no_other(add_plugin: AddPlugin):
    add_plugin({"loss": {"haze": nn.Identity}})
    for fault, (loads, _) in FAULTS.items():
        add_plugin(loads=loads, distribution=fault)
    found = loader.plugins()
    registered = {name for name, _ in found.manager.list_name_plugin()}
    assert registered == {plugin.key for plugin in found.loaded if not plugin.error}
    assert "stranger:made" in registered


def test_a_hook_under_another_name_is_called_for_its_own_plugin_alone(add_plugin: AddPlugin):
    module = ModuleType("renamed")
    module.offer = hookimpl(specname="register_losses")(lambda register: register("haze", nn.Identity))
    module.more = hookimpl(specname="register_losses")(lambda register: register("fog", nn.Identity))
    module.faults = hookimpl(specname="check_config")(lambda: ["losses: too foggy"])
    add_plugin(loads=module)
    add_plugin({"loss": {"other": nn.Identity}}, entry="other")
    assert sorted(component.name for component in named("stranger:made").components) == ["fog", "haze"]
    assert [component.name for component in named("stranger:other").components] == ["other"]
    assert loader.plugins().config_faults({}) == ["losses: too foggy"]


def test_two_entry_points_to_one_module_are_told(add_plugin: AddPlugin):
    module = ModuleType("twice")
    module.register_losses = hookimpl(lambda register: register("haze", nn.Identity))
    add_plugin(loads=module, entry="a")
    add_plugin(loads=module, entry="b")
    assert loader.plugins().find("loss", "haze").plugin == "stranger:a"
    assert "is plugin stranger:a already" in named("stranger:b").error


@pytest.mark.parametrize("fault", FAULTS)
def test_strict_raises_the_cause(add_plugin: AddPlugin, monkeypatch: pytest.MonkeyPatch, fault: str):
    monkeypatch.setenv("LOWFACE_STRICT", "1")
    add_plugin(loads=FAULTS[fault][0])
    with pytest.raises((Exception, SystemExit)):
        loader.plugins()


def test_asking_for_a_component_of_a_failed_plugin_names_the_plugin_and_its_failure(add_plugin: AddPlugin):
    add_plugin(loads=ImportError("libgone.so"), distribution="broken")
    for name in ("haze", "broken/haze", "broken:made/haze"):
        with pytest.raises(PluginError, match=r"unknown loss '.*haze'.*broken:made failed to load.*libgone\.so"):
            loader.plugins().find("loss", name)
    with pytest.raises(PluginError) as raised:  # another distribution's failure explains nothing here
        loader.plugins().find("loss", "lowface/haze")
    assert "libgone" not in str(raised.value)


def test_a_name_that_two_claim_belongs_to_neither_until_written_with_its_distribution(add_plugin: AddPlugin):
    add_plugin({"loss": {"color": nn.Identity}})
    with pytest.raises(PluginError, match="claimed by 2 plugins; write lowface/color or stranger/color"):
        loader.plugins().find("loss", "color")
    assert loader.plugins().find("loss", "stranger/color").factory is nn.Identity
    assert loader.plugins().find("loss", "lowface/color").plugin == "lowface:fidelity"


def test_two_claims_of_one_distribution_are_told_apart_by_their_entry_points(add_plugin: AddPlugin):
    add_plugin({"loss": {"haze": nn.Identity}}, entry="a")
    add_plugin({"loss": {"haze": nn.Identity}}, entry="b")
    with pytest.raises(PluginError, match="write stranger:a/haze or stranger:b/haze"):
        loader.plugins().find("loss", "stranger/haze")
    assert loader.plugins().find("loss", "stranger:b/haze").plugin == "stranger:b"


def test_the_same_name_of_another_kind_is_no_clash(add_plugin: AddPlugin):
    add_plugin({"head": {"color": nn.Identity}})
    assert loader.plugins().find("loss", "color").distribution == "lowface"


def test_an_entry_point_listed_twice_is_loaded_once(add_plugin: AddPlugin):
    add_plugin({"loss": {"haze": nn.Identity}})
    add_plugin({"loss": {"haze": nn.Identity}})
    assert loader.plugins().find("loss", "haze")


def test_unknown_names_come_with_the_nearest(add_plugin: AddPlugin):
    with pytest.raises(PluginError, match="unknown loss 'colour'; did you mean 'color'"):
        loader.plugins().find("loss", "colour")


LOOKED_AT = ("contrast", "data", "face", "fidelity", "metrics", "retinex", "semantic")


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        ("retinex,metrics", {"lowface:retinex", "lowface:metrics"}),
        ("lowface:retinex", {"lowface:retinex"}),
        ("stranger", {"stranger:made"}),
        (
            "lowface,-data, -face",
            {"lowface:contrast", "lowface:fidelity", "lowface:metrics", "lowface:retinex", "lowface:semantic"},
        ),
    ],
)
def test_the_environment_chooses_plugins(
    add_plugin: AddPlugin, monkeypatch: pytest.MonkeyPatch, rules: str, kept: set[str]
):
    monkeypatch.setenv("LOWFACE_PLUGINS", rules)
    add_plugin({"loss": {"haze": nn.Identity}})
    chosen = {p.key for p in loader.plugins().loaded}
    assert chosen & {*(f"lowface:{name}" for name in LOOKED_AT), "stranger:made"} == kept


def test_the_environment_leaves_plugins_out_unloaded(add_plugin: AddPlugin, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LOWFACE_PLUGINS", "-made")
    monkeypatch.setenv("LOWFACE_STRICT", "1")
    add_plugin(loads=ImportError("never tried"))
    assert "stranger:made" not in {p.key for p in loader.plugins().loaded}
    assert "lowface:retinex" in {p.key for p in loader.plugins().loaded}
