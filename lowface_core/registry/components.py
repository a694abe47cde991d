"""The components that a config names: each with its path, its plugin, and the components that are parts of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lowface_core.errors import ConfigError, PluginError
from lowface_core.registry.loader import plugins
from lowface_core.registry.registration import Component

#: Keys of a component's config that the core reads itself: a loss's weight, what a loss or metric reads.
RESERVED: dict[str, tuple[str, ...]] = {"loss": ("weight", "reads"), "metric": ("reads",)}
#: What a config file can hold. Where a part stands, anything else is an object that the caller built (``lf.build``).
PLAIN = (Mapping, str, int, float, list, tuple)


def parameters(factory: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Keyword parameters of a function; of a factory its config schema. ``*args``/``**kwargs`` are left out."""
    every = inspect.signature(factory).parameters.values()
    return {p.name: p for p in every if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}


def takes_anything(factory: Callable[..., Any]) -> bool:
    """Whether the factory has ``**kwargs``, so that no keyword can be called unknown.

    A torch module without an ``__init__`` of its own shows ``nn.Module``'s, which has ``**kwargs`` and refuses all.
    """
    if inspect.isclass(factory) and getattr(factory.__init__, "__module__", "") == "torch.nn.modules.module":
        return False
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


@dataclass(frozen=True)
class Part:
    """One component config inside a config.

    Attributes:
        path: where it stands, e.g. ``heads.face.encoder``.
        kind: what stands there.
        spec: the dict.
        component: who it means; None when nobody offers it.
        error: why nobody does, in one line.
        reserved: keys of the dict that the core reads itself, see :data:`RESERVED`.
    """

    path: str
    kind: str
    spec: Any
    component: Component | None
    error: str | None = None
    reserved: tuple[str, ...] = ()

    @classmethod
    def of(cls, kind: str, spec: Any, path: str, reserved: tuple[str, ...] = ()) -> Part:
        """The part that a value of a config describes, or says why it describes none."""
        try:
            return cls(path, kind, spec, component_of(kind, spec, path), None, reserved)
        except ConfigError as error:
            return cls(path, kind, spec, None, str(error), reserved)

    def arguments(self) -> dict[str, Any]:
        """The factory's keywords, with the defaults that its named weights bring along."""
        if self.component is None:
            return {}
        given = {k: v for k, v in self.spec.items() if k != "type" and k not in self.reserved}
        named = self.component.weights.get(given["weights"]) if isinstance(given.get("weights"), str) else None
        return {**(named.arguments if named else {}), **given}

    def parts(self) -> Iterator[Part]:
        """The components directly inside this one; objects that the caller built are left out."""
        given = self.arguments()
        for keyword, kind in self.component.parts.items() if self.component else ():
            value, path = given.get(keyword), f"{self.path}.{keyword}"
            if isinstance(kind, str):
                entries = [(kind, path, value)]
            else:
                listed = value if isinstance(value, (list, tuple)) else ()
                entries = [(kind[0], f"{path}.{place}", entry) for place, entry in enumerate(listed)]
            for entry_kind, entry_path, entry in entries:
                if isinstance(entry, PLAIN):
                    yield Part.of(entry_kind, entry, entry_path)

    def walk(self) -> Iterator[Part]:
        """This part and every part below it, each before its own parts."""
        yield self
        for part in self.parts():
            yield from part.walk()

    @property
    def plugin(self) -> str | None:
        """Key of the plugin."""
        return self.component.plugin if self.component else None

    @property
    def version(self) -> str | None:
        """Version of the plugin's distribution."""
        return next((p.version for p in plugins().loaded if p.key == self.plugin), None)

    @property
    def note(self) -> str:
        """Plugin and version, or why there is none, for a comment in one line."""
        return f"{self.plugin} {self.version}" if self.plugin else f"no plugin: {' '.join(str(self.error).split())}"

    def plain(self) -> dict[str, Any]:
        """The part as plain data."""
        name = self.spec.get("type") if isinstance(self.spec, Mapping) else None
        return {"kind": self.kind, "type": name, "plugin": self.plugin, "version": self.version, "error": self.error}
