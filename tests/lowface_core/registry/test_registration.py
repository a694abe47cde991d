from __future__ import annotations

from typing import Any

import pytest

from lowface_core.errors import PluginError
from lowface_core.registry.hookspecs import Weights
from lowface_core.registry.registration import Component, Registrar


def registrar(kind: str = "loss") -> Registrar:
    return Registrar(kind, "dist:entry", "package", [])


def test_a_component_knows_its_distribution_and_full_name():
    register = registrar()
    register("dark_channel", dict)
    (component,) = register.into
    assert component.full_name == "dist/dark_channel"
    assert component.distribution == "dist"
    assert component.resolve() is dict


def test_a_factory_given_as_text_is_imported_only_when_used():
    register = registrar()
    register("later", "collections:OrderedDict")
    register("broken", "no_such_module_anywhere:Thing")
    assert register.into[0].resolve().__name__ == "OrderedDict"
    with pytest.raises(
        PluginError,
        match=r"loss 'broken' of plugin dist:entry cannot be imported .* pip install no_such_module_anywhere",
    ):
        register.into[1].resolve()


@pytest.mark.parametrize(
    ("kind", "name", "factory", "facts", "told"),
    [
        ("loss", "DarkChannel", dict, {}, "lower-case letters"),
        ("enhancer", "x", dict, {"without_torch": "a:b"}, "opens lists, which is missing"),
        ("enhancer", "x", dict, {"opens": [".x"], "without_torch": dict}, "must be the text"),
        ("loss", "x", dict, {"without_torch": "a:b"}, "unknown fact .without_torch."),
        ("loss", "a/b", dict, {}, "lower-case letters"),
        ("loss", "a\n", dict, {}, "lower-case letters"),
        ("loss", "x", 3, {}, "must be a class, a function"),
        ("loss", "x", "module.attribute", {}, "must be a class, a function"),
        ("loss", "x", dict, {"better": "higher"}, "unknown fact 'better'"),
        ("head", "x", dict, {"wieghts": {}}, "did you mean 'weights'"),
        ("head", "x", dict, {"weights": {"w": {"sha": "1"}}}, "weights 'w' has unknown keys sha"),
        ("head", "x", dict, {"weights": {"a/b": {}}}, "weights 'a/b': a name is letters"),
        ("head", "x", dict, {"network": "module"}, "network must be a class, a function"),
        ("head", "x", dict, {"variants": [{}]}, "variants are keywords of network, which is missing"),
        ("head", "x", dict, {"network": dict, "variants": ["resnet50"]}, "variants is a list of keyword dicts"),
        ("loss", "x", dict, {"network": dict}, "unknown fact 'network'"),
        ("metric", "x", dict, {}, 'better="higher"'),
        ("metric", "x", dict, {"better": "up"}, 'better="higher"'),
        ("head", "x", dict, {"parts": {"p": "haed"}}, "did you mean 'head'"),
        ("head", "x", dict, {"parts": {"p": ["haed"]}}, "did you mean 'head'"),
        ("head", "x", dict, {"parts": {"p": ["head", "loss"]}}, "unknown kind"),
        ("head", "x", dict, {"weights": {"w": "https://x/w.pth"}}, "write lf.Weights"),
    ],
)
def test_a_registration_that_is_not_usable_says_why(
    kind: str, name: str, factory: Any, facts: dict[str, Any], told: str
):
    register = registrar(kind)
    with pytest.raises(PluginError, match=told) as raised:
        register(name, factory, **facts)
    assert kind in str(raised.value)
    assert register.into == []


FORMS = {
    "a dict": {"url": "https://x/w.pth", "sha256": "ab", "licence": "MIT", "arguments": {"depth": 18}},
    "an object": Weights(url="https://x/w.pth", sha256="ab", licence="MIT", arguments={"depth": 18}),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_form_of_contract_1_and_the_typed_one_offer_the_same(form: str):
    into: list[Component] = []
    Registrar("head", "d:e", "p", into)(
        "encoder",
        "package.encoder:Encoder",
        parts={"detector": "head"},
        weights={"w": FORMS[form]},
        network="package.encoder:Net",
        variants=[{"depth": 18}],
        pretrain="package.task:Task",
    )
    Registrar("metric", "d:e", "p", into)("psnr", dict, better="higher", source="somebody")
    Registrar("loss", "d:e", "p", into)("plain", "package.plain:Loss")
    head, metric, loss = into
    assert head.weights == {"w": FORMS["an object"]}
    assert (head.parts, head.variants) == ({"detector": "head"}, [{"depth": 18}])
    assert (head.network, head.pretrain) == ("package.encoder:Net", "package.task:Task")
    assert (metric.better, metric.source) == ("higher", "somebody")
    assert loss == Component("loss", "plain", "package.plain:Loss", "d:e", "p")
    assert head.weights["w"].plain() == FORMS["a dict"]


def test_a_name_twice_in_one_plugin_and_kind_is_refused_but_not_across_kinds():
    into: list[Component] = []
    Registrar("loss", "d:e", "p", into)("x", dict)
    Registrar("head", "d:e", "p", into)("x", dict)
    with pytest.raises(PluginError, match="registered twice"):
        Registrar("loss", "d:e", "p", into)("x", list)
    assert [c.kind for c in into] == ["loss", "head"]
