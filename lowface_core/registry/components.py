"""From a config dict to an object: find the component, check its keywords, build its parts, resolve its weights."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from lowface_core.errors import ConfigError, PluginError, listing, nearest
from lowface_core.registry.loader import plugins
from lowface_core.registry.registration import Component

#: Keys of a component's config that the core reads itself: a loss's weight, what a loss or metric reads.
RESERVED: dict[str, tuple[str, ...]] = {"loss": ("weight", "reads"), "metric": ("reads",)}


def parameters(factory: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Keyword parameters of a factory: its config schema. ``*args``/``**kwargs`` are left out."""
    every = inspect.signature(factory).parameters.values()
    return {p.name: p for p in every if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}


def takes_anything(factory: Callable[..., Any]) -> bool:
    """Whether the factory has ``**kwargs``, so that no keyword can be called unknown."""
    return any(p.kind is p.VAR_KEYWORD for p in inspect.signature(factory).parameters.values())


def component_of(kind: str, spec: Any, path: str) -> Component:
    """The component that a config dict names.

    Raises:
        ConfigError: no dict, no ``type``, or nobody offers it; ``path`` opens the message.
    """
    if not isinstance(spec, Mapping):
        raise ConfigError(f"{path}: must be a dict such as dict(type=…), not {spec!r}")
    if not isinstance(spec.get("type"), str):
        raise ConfigError(f'{path}: has no type=; write dict(type="<name of a {kind}>", …)')
    try:
        return plugins().find(kind, spec["type"])
    except PluginError as error:
        raise ConfigError(f"{path}.type: {error}") from error


def arguments(component: Component, spec: Mapping[str, Any], reserved: tuple[str, ...] = ()) -> dict[str, Any]:
    """Keyword arguments that a config dict gives a component, with the defaults its named weights bring along."""
    given = {k: v for k, v in spec.items() if k != "type" and k not in reserved}
    named = component.weights.get(given["weights"]) if isinstance(given.get("weights"), str) else None
    return {**(named.arguments if named else {}), **given}


def check(kind: str, spec: Any, path: str, reserved: tuple[str, ...] = ()) -> list[str]:
    """Faults of one component's config, one line each: unknown component, unknown or missing keyword, faulty part.

    Args:
        reserved: keys of the dict that the core reads itself, see :data:`RESERVED`.
    """
    try:
        component = component_of(kind, spec, path)
        factory = component.resolve()
    except ConfigError as error:
        return [str(error)]
    except PluginError as error:
        return [f"{path}: {error}"]
    given, known = arguments(component, spec, reserved), parameters(factory)
    taken = [*known, *reserved]
    faults = []
    if not takes_anything(factory):
        faults += [
            f"{path}.{key}: {component.kind} {component.name!r} takes no such keyword{nearest(key, taken)}; "
            f"it takes: {listing(taken)}"
            for key in given
            if key not in known
        ]
    faults += [
        f"{path}.{name}: missing; {component.kind} {component.name!r} needs it" + _weights_offer(component, name)
        for name, p in known.items()
        if p.default is p.empty and name not in given
    ]
    for part, part_kind in component.parts.items():
        # plain data must be a component config; any other object was built by the caller (lf.build)
        if isinstance(given.get(part), (Mapping, str, int, float, list, tuple)):
            faults += check(part_kind, given[part], f"{path}.{part}")
    return faults


def _weights_offer(component: Component, keyword: str) -> str:
    offered = keyword == "weights" and component.weights
    return f" (a file, or one of: {listing(component.weights)})" if offered else ""
