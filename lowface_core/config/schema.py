"""The JSON schema of configs: top-level settings, and the keywords of every component, from their signatures."""

from __future__ import annotations

import inspect
import re
from typing import Any

from lowface_core.config.keywords import REQUIRED, Schema, keywords
from lowface_core.config.phases import phases_schema
from lowface_core.config.settings import BESIDE, MANY, NEEDED, ONE, PHASES, SETTINGS, TASK, TRAINING, Setting
from lowface_core.errors import PluginError
from lowface_core.registry.components import RESERVED, takes_anything
from lowface_core.registry.loader import Plugins, plugins
from lowface_core.registry.registration import KINDS, Component

DIALECT = "https://json-schema.org/draft/2020-12/schema"
LENGTHS = ("max_iters", "max_epochs")
#: A config that trains nothing: metrics to judge by, heads to ask, or methods to compare.
UNTRAINED: Schema = {
    "anyOf": [{"required": ["metrics"]}, {"required": ["heads"]}, {"required": list(NEEDED["benchmark"])}],
    "properties": {"losses": False, "train_dataset": False, "head": False},
}


def schema(found: Plugins | None = None) -> Schema:
    """JSON schema (draft 2020-12) of a whole config, as ``lowface config show CONFIG`` prints it.

    Components are distinguished by ``type``; ``x-plugin`` is the plugin of each. One that cannot be imported here may
    have any keywords. Nothing is built, so nothing is downloaded.

    Args:
        found: whose components; by default those of every installed plugin.
    """
    found = plugins() if found is None else found
    every = list(found.components())
    definitions = {_key(c): component_schema(c) for c in every}
    for kind in KINDS:
        definitions[kind] = _kind(kind, every)
    definitions["head_to_train"] = _kind("head", every, trained=False)
    properties: Schema = {key: setting_schema(s) for key, s in SETTINGS.items()}
    for section, kind in ONE.items():
        place = "head_to_train" if section == "head" else kind
        properties[section] = _or_null({"$ref": f"#/$defs/{place}"})
    for section, kind in MANY.items():
        properties[section] = _or_null({"type": "object", "additionalProperties": {"$ref": f"#/$defs/{kind}"}})
    properties[TASK] = _or_null({"type": "object", "description": "keywords of the pretraining task"})
    properties[PHASES] = _or_null(phases_schema())
    for section in NEEDED["benchmark"]:
        properties[section] = {"type": "object", "additionalProperties": {"type": "object"}}
    properties["reference"] = {"type": "string", "description": "the method that others are tested against"}
    return {
        "$schema": DIALECT,
        "title": "lowface config",
        "type": "object",
        "properties": properties,
        "patternProperties": {"^_": True},
        "additionalProperties": False,
        "anyOf": [*({"required": list(NEEDED[command])} for command in TRAINING), UNTRAINED],
        "if": {"required": ["train_dataset"]},
        "then": {"oneOf": [{"properties": {n: {"type": "integer"}}, "required": [n]} for n in LENGTHS]},
        "$defs": definitions,
    }


def _or_null(entry: Schema) -> Schema:
    """The same or null; not with anyOf, whose errors do not say which keyword is wrong."""
    return {"if": {"not": {"type": "null"}}, "then": entry}


def setting_schema(setting: Setting) -> Schema:
    """Schema of a top-level setting, or of what the core reads in a component's dict."""
    return {"description": setting.help, **setting.schema, "default": setting.default}


def _key(component: Component) -> str:
    """Name of a component's definition; free of what a JSON pointer or an address would escape."""
    return re.sub(r"[^\w.-]", ".", f"{component.kind}.{component.plugin}.{component.name}")


def _spellings(component: Component, every: list[Component]) -> list[str]:
    """What ``type`` may say to mean a component and no other."""
    others = [c for c in every if c.kind == component.kind and c is not component]
    return [way for way in component.spellings if not any(c.answers_to(way) for c in others)]


def _kind(kind: str, every: list[Component], trained: bool = True) -> Schema:
    """Schema of whatever may stand where a component of one kind stands."""
    ours = [c for c in every if c.kind == kind]
    choices = []
    for component in ours:
        then: Schema = {"$ref": f"#/$defs/{_key(component)}"}
        if trained and _insists_on_weights(component):
            then["required"] = ["weights"]
        choices.append({"if": {"properties": {"type": {"enum": _spellings(component, every)}}}, "then": then})
    return {
        "type": "object",
        "properties": {"type": {"enum": [way for c in ours for way in _spellings(c, every)]}},
        "required": ["type"],
        "allOf": choices,
    }


def _insists_on_weights(component: Component) -> bool:
    try:
        weights = keywords(component.resolve()).get("weights")
    except PluginError:
        return False
    return weights is not None and weights.default is REQUIRED


def component_schema(component: Component) -> Schema:
    """Schema of one component's config, from the signature of its factory."""
    about: Schema = {"title": f"{component.kind} {component.name}", "x-plugin": component.plugin, "type": "object"}
    try:
        factory = component.resolve()
    except PluginError as error:
        return {**about, "$comment": str(error)}
    doc = inspect.getdoc(factory)
    if doc:
        about["description"] = doc.splitlines()[0]
    # weights are asked for where a head is used, not where it is trained; others may come with the weights
    brought = {k for named in component.weights.values() for k in named.arguments}
    properties: Schema = {"type": True}
    required = []
    for name, keyword in keywords(factory).items():
        kind = component.parts.get(name)
        if keyword.default is REQUIRED and name != "weights" and name not in brought:
            required.append(name)
        if kind is None:
            entry = keyword.schema
        else:
            entry = {"$ref": f"#/$defs/{kind if isinstance(kind, str) else kind[0]}"}
            entry = entry if isinstance(kind, str) else {"type": "array", "items": entry}
            entry = _or_null(entry) if keyword.default is None else entry
        properties[name] = _with_default(entry, keyword.default)
    for name in RESERVED.get(component.kind, ()):
        properties[name] = setting_schema(BESIDE[name])
    return {**about, "properties": properties, "required": required, "additionalProperties": takes_anything(factory)}


def _with_default(entry: Schema, default: Any) -> Schema:
    default = list(default) if isinstance(default, tuple) else default
    plain = isinstance(default, (bool, int, float, str, list, type(None)))
    return {**entry, "default": default} if plain else entry
