"""From a config dict to an object: find the component, check its keywords, build its parts, resolve its weights."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from lowface_core.errors import ConfigError, LowfaceError, PluginError, listing, nearest
from lowface_core.loader import plugins
from lowface_core.registration import Component, cause
from lowface_core.trace import call, diverted, timed


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
    record = component.facts.get("weights", {}).get(given.get("weights"), {}) if _is_text(given.get("weights")) else {}
    return {**record.get("arguments", {}), **given}


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def check(kind: str, spec: Any, path: str, reserved: tuple[str, ...] = ()) -> list[str]:
    """Faults of one component's config, one line each: unknown component, unknown or missing keyword, faulty part.

    Args:
        reserved: keys of the dict that the core reads itself (a loss's ``weight``).
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
    for part, part_kind in component.facts.get("parts", {}).items():
        # plain data must be a component config; any other object was built by the caller (lf.build)
        if isinstance(given.get(part), (Mapping, str, int, float, list, tuple)):
            faults += check(part_kind, given[part], f"{path}.{part}")
    return faults


def _weights_offer(component: Component, keyword: str) -> str:
    records = component.facts.get("weights", {})
    return f" (a file, or one of: {listing(records)})" if keyword == "weights" and records else ""


def build_from(kind: str, spec: Mapping[str, Any], path: str, reserved: tuple[str, ...] = ()) -> Any:
    """Builds the object that a config dict describes; parts first, weights resolved to a local file.

    Raises:
        ConfigError: the dict is faulty.
        LowfaceError: what the factory itself raised for a user's mistake; ``path`` opens the message.
        PluginError: the factory failed otherwise; names config path and plugin.
    """
    faults = check(kind, spec, path, reserved)
    if faults:
        raise ConfigError("\n".join(faults))
    component = component_of(kind, spec, path)
    given = arguments(component, spec, reserved)
    for part, part_kind in component.facts.get("parts", {}).items():
        if isinstance(given.get(part), Mapping):
            given[part] = build_from(part_kind, given[part], f"{path}.{part}")
    owner = f"{component.kind} {component.name!r} of plugin {component.plugin}"
    try:
        if given.get("weights") is not None and "weights" in parameters(component.resolve()):
            from lowface_core.weights.store import resolve

            given["weights"] = resolve(component, given["weights"])
        factory = component.resolve()
        with diverted(owner), timed(f"{path}: {component.plugin} builds {call(component.name, given)}"):
            return factory(**given)
    except LowfaceError as error:
        text = str(error)
        raise _same(error, text if text.startswith(path) else f"{path}: {text}") from error
    except (Exception, SystemExit) as error:
        raise PluginError(f"{path}: {owner} could not be built: {cause(error)}") from error


def _same(error: LowfaceError, text: str) -> LowfaceError:
    """An error of the same class with another text; of the base class where a plugin's own class wants more."""
    try:
        return type(error)(text)
    except TypeError:
        return LowfaceError(text)


def build(kind: str, name: str, **kwargs: Any) -> Any:
    """Builds one component by name, outside any config: ``lf.build("head", "vgg16", weights="imagenet")``.

    Args:
        kind: ``enhancer``, ``loss``, ``head``, ``dataset``, ``metric`` or ``degradation``.
        name: bare name, or ``distribution/name``.
        **kwargs: the factory's keywords; a part may be a config dict or an object already built.

    Raises:
        LowfaceError: unknown component, unknown or missing keyword, missing weights.
    """
    return build_from(kind, {"type": name, **kwargs}, f"{kind} {name}")
