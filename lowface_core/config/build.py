"""Building what a config describes: parts first, weights resolved to a local, verified file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lowface_core.config.check import part_faults
from lowface_core.config.keywords import keywords
from lowface_core.errors import ConfigError, LowfaceError, PluginError
from lowface_core.registry.components import Part
from lowface_core.registry.registration import cause
from lowface_core.registry.trace import call, diverted, timed
from lowface_core.weights.store import resolve


def build_from(kind: str, spec: Mapping[str, Any], path: str, reserved: tuple[str, ...] = ()) -> Any:
    """Builds the object that a config dict describes; parts first, weights resolved to a local file.

    Raises:
        ConfigError: the dict is faulty.
        LowfaceError: what the factory itself raised for a user's mistake; ``path`` opens the message.
        PluginError: the factory failed otherwise; names config path and plugin.
    """
    part = Part.of(kind, spec, path, reserved)
    faults = [fault for each in part.walk() for fault in part_faults(each)]
    if faults:
        raise ConfigError("\n".join(faults))
    return _built(part)


def _built(part: Part) -> Any:
    component = part.component
    assert component is not None  # the check has found it
    factory = component.resolve()
    known, given = keywords(factory), part.arguments()
    built = {each.path: _built(each) for each in part.parts()}
    for name, value in given.items():
        path, kind = f"{part.path}.{name}", component.parts.get(name)
        if kind is None:
            given[name] = known[name].accepted(value) if name in known else value
        elif isinstance(kind, str):
            given[name] = built.get(path, value)
        elif value is not None:
            given[name] = [built.get(f"{path}.{place}", each) for place, each in enumerate(value)]
    owner = f"{component.kind} {component.name!r} of plugin {component.plugin}"
    try:
        if given.get("weights") is not None and "weights" in known:
            given["weights"] = resolve(component, given["weights"])
        with diverted(owner), timed(f"{part.path}: {component.plugin} builds {call(component.name, given)}"):
            return factory(**given)
    except LowfaceError as error:
        raise _same(error, f"{part.path}: {error}") from error
    except (Exception, SystemExit) as error:
        raise PluginError(f"{part.path}: {owner} could not be built: {cause(error)}") from error


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
        LowfaceError: unknown component; unknown, missing or wrong keyword; missing weights.
    """
    return build_from(kind, {"type": name, **kwargs}, f"{kind} {name}")
