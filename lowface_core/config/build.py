"""Building what a config describes: parts first, weights resolved to a local, verified file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lowface_core.errors import ConfigError, LowfaceError, PluginError
from lowface_core.registry.components import arguments, check, component_of, parameters
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
    faults = check(kind, spec, path, reserved)
    if faults:
        raise ConfigError("\n".join(faults))
    component = component_of(kind, spec, path)
    given = arguments(component, spec, reserved)
    for part, part_kind in component.parts.items():
        if isinstance(given.get(part), Mapping):
            given[part] = build_from(part_kind, given[part], f"{path}.{part}")
    owner = f"{component.kind} {component.name!r} of plugin {component.plugin}"
    try:
        if given.get("weights") is not None and "weights" in parameters(component.resolve()):
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
