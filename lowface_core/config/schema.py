"""The JSON schema of configs: top-level settings, and the keywords of every component, from their signatures."""

from __future__ import annotations

import collections.abc
import inspect
import os
import re
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from lowface_core.config.settings import MANY, NEEDED, ONE, SETTINGS, TASK, TRAINING, Setting
from lowface_core.errors import PluginError
from lowface_core.registry.components import parameters, takes_anything
from lowface_core.registry.loader import Plugins, plugins
from lowface_core.registry.registration import KINDS, Component
from lowface_core.step.wiring import READERS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]
LENGTHS = ("max_iters", "max_epochs")
#: A config that trains nothing: metrics to judge by, or heads to ask.
UNTRAINED: Schema = {
    "anyOf": [{"required": ["metrics"]}, {"required": ["heads"]}],
    "properties": {"losses": False, "train_dataset": False, "head": False},
}
SCALARS: dict[Any, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    type(None): {"type": "null"},
    None: {"type": "null"},
}


def schema(found: Plugins | None = None) -> Schema:
    """JSON schema (draft 2020-12) of a whole config, as ``lowface config show CONFIG`` prints it.

    Components are told apart by ``type``; ``x-plugin`` says whose each is. A component that cannot be imported here may
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
        properties[section] = {"type": "object", "additionalProperties": {"$ref": f"#/$defs/{kind}"}}
    properties[TASK] = {"type": "object", "description": "keywords of the pretraining task"}
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
    """Schema of a top-level setting."""
    kinds = [SCALARS[t]["type"] for t in setting.types if not (t is int and float in setting.types)]
    if setting.default is None or setting.optional:
        kinds.append("null")
    limits = {"minimum": setting.minimum, "maximum": setting.maximum, "enum": list(setting.choices) or None}
    return {
        "description": setting.help,
        "type": kinds[0] if len(kinds) == 1 else kinds,
        "default": setting.default,
        **{name: limit for name, limit in limits.items() if limit is not None},
    }


def _key(component: Component) -> str:
    """Name of a component's definition; free of what a JSON pointer or an address would escape."""
    return re.sub(r"[^\w.-]", ".", f"{component.kind}.{component.plugin}.{component.name}")


def _spellings(component: Component, every: list[Component]) -> list[str]:
    """What ``type`` may say to mean a component and no other."""
    ways = (component.name, component.full_name, f"{component.plugin}/{component.name}")
    others = [c for c in every if c.kind == component.kind and c is not component]
    return [way for way in ways if not any(c.answers_to(way) for c in others)]


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
        weights = parameters(component.resolve()).get("weights")
    except PluginError:
        return False
    return weights is not None and weights.default is weights.empty


def component_schema(component: Component) -> Schema:
    """Schema of one component's config, from the signature of its factory."""
    told: Schema = {"title": f"{component.kind} {component.name}", "x-plugin": component.plugin, "type": "object"}
    try:
        factory = component.resolve()
    except PluginError as error:
        return {**told, "$comment": str(error)}
    doc = inspect.getdoc(factory)
    if doc:
        told["description"] = doc.splitlines()[0]
    known = parameters(factory)
    annotations = _annotations(factory)
    brought = {k for named in component.weights.values() for k in named.arguments}
    parts = component.parts
    properties: Schema = {"type": True}
    required = []
    for name, parameter in known.items():
        entry = {"$ref": f"#/$defs/{parts[name]}"} if name in parts else annotation_schema(annotations.get(name, Any))
        if parameter.default is parameter.empty:
            # weights are asked for where a head is used, not where it is trained; others may come with the weights
            required += [name] if name != "weights" and name not in brought else []
        else:
            entry = _with_default(entry, parameter.default)
        properties[name] = entry
    if component.kind == "loss":
        properties["weight"] = {"type": "number", "default": 1.0, "description": "factor of this loss in the total"}
    if component.kind in READERS:
        properties["reads"] = {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "what to read instead, by argument",
        }
    return {**told, "properties": properties, "required": required, "additionalProperties": takes_anything(factory)}


def _with_default(entry: Schema, default: Any) -> Schema:
    if default is None and entry and {"type": "null"} not in entry.get("anyOf", [entry]):
        entry = _or_null(entry) if "$ref" in entry else {"anyOf": [*entry.get("anyOf", [entry]), {"type": "null"}]}
    if isinstance(default, tuple):
        default = list(default)
    plain = isinstance(default, (bool, int, float, str, list, type(None)))
    return {**entry, "default": default} if plain else entry


def _annotations(factory: Callable[..., Any]) -> dict[str, Any]:
    """Annotations of a factory's parameters, each evaluated by itself; what cannot be is left out."""
    function: Any = factory
    if inspect.isclass(factory):
        function = factory.__init__ if "__init__" in dir(factory) else factory
    function = inspect.unwrap(function)
    found = {}
    for name, annotation in getattr(function, "__annotations__", {}).items():
        try:
            while isinstance(annotation, str):  # in quotes where annotations are texts anyway: twice
                annotation = eval(annotation, {**vars(typing), **vars(collections.abc), **function.__globals__})
        except Exception:  # names that only type checkers see, or a later Python's syntax
            continue
        found[name] = annotation
    return found


def annotation_schema(annotation: Any) -> Schema:
    """Schema of what an annotation admits in a config; anything (``{}``) where JSON has no such thing."""
    for scalar, meaning in SCALARS.items():  # not looked up: not every annotation can be hashed
        if annotation is scalar:
            return dict(meaning)
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        choices = [annotation_schema(choice) for choice in inner]
        unique = [c for i, c in enumerate(choices) if c not in choices[:i]]
        return {} if {} in unique else unique[0] if len(unique) == 1 else {"anyOf": unique}
    if origin is typing.Literal:
        return {"enum": list(inner)}
    if origin is typing.Annotated:
        return annotation_schema(inner[0])
    plain = origin or annotation
    if not inspect.isclass(plain):
        return {}
    if issubclass(plain, os.PathLike):
        return {"type": "string"}
    if issubclass(plain, tuple) and inner and inner[-1] is not Ellipsis:
        items = [annotation_schema(each) for each in inner]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    if issubclass(plain, (list, tuple, set)) or plain in (collections.abc.Sequence, collections.abc.Iterable):
        return {"type": "array", "items": annotation_schema(inner[0])} if inner else {"type": "array"}
    if issubclass(plain, Mapping):
        return {"type": "object", "additionalProperties": annotation_schema(inner[1])} if inner else {"type": "object"}
    return {}
