"""Finding and loading plugins, one by one, so that a broken one harms nobody else."""

from __future__ import annotations

import functools
import importlib.metadata
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pluggy

from lowface_core import hookspecs
from lowface_core.errors import PluginError, listing, nearest
from lowface_core.registration import HOOKS, Component, Registrar

GROUP = "lowface"


@dataclass
class Plugin:
    """A plugin that was found, loaded or not.

    Attributes:
        key: ``distribution:entry-point``.
        error: why it contributes nothing, in one line; None when it loaded.
        components: what it offers; empty when it failed.
        module: the object behind the entry point; None when it failed.
    """

    key: str
    distribution: str
    version: str
    entry_point: str
    target: str
    error: str | None = None
    components: list[Component] = field(default_factory=list)
    module: Any = None

    @property
    def status(self) -> str:
        return "failed" if self.error else "ok"


@dataclass
class Plugins:
    """All plugins of this process, and where to find a component."""

    loaded: list[Plugin]

    def components(self, kind: str | None = None) -> Iterator[Component]:
        """Every component on offer, of one kind or of all."""
        for plugin in self.loaded:
            yield from (c for c in plugin.components if kind in (None, c.kind))

    def find(self, kind: str, name: str) -> Component:
        """The component a config means by ``type=name``.

        Args:
            name: a bare name that one plugin claims, ``distribution/name``, or ``distribution:entry-point/name``.

        Raises:
            PluginError: nobody offers it (the nearest name, and failed plugins that might, are named), or several do.
        """
        of_kind = list(self.components(kind))
        hits = [c for c in of_kind if c.answers_to(name)]
        if len(hits) == 1:
            return hits[0]
        if hits:
            ways = [c.full_name for c in hits]
            if len(set(ways)) < len(ways):
                ways = [f"{c.plugin}/{c.name}" for c in hits]
            raise PluginError(f"{kind} {name!r} is claimed by {len(hits)} plugins; write {' or '.join(sorted(ways))}")
        failed = [p for p in self.loaded if p.error]
        asked = name.split("/", 1)[0] if "/" in name else None
        owners = [p for p in failed if asked in (None, p.key, p.distribution)]
        cause = "".join(f"; plugin {p.key} failed to load and may have offered it: {p.error}" for p in owners)
        offered = [c.name for c in of_kind]
        raise PluginError(f"unknown {kind} {name!r}{nearest(name, offered)}; on offer: {listing(offered)}{cause}")

    def hook(self) -> Any:
        """pluggy's hook caller over the plugins that loaded, for ``check_config`` and ``register_commands``."""
        manager = _manager()
        for plugin in self.loaded:
            if not plugin.error:
                manager.register(plugin.module, name=plugin.key)
        return manager.hook


def _manager() -> pluggy.PluginManager:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    return manager


def _wanted(key: str, entry_point: str, distribution: str) -> bool:
    """Whether ``LOWFACE_PLUGINS`` lets this plugin in: ``a,b`` only these, ``-c`` all but c."""
    rules = [r.strip() for r in os.environ.get("LOWFACE_PLUGINS", "").split(",") if r.strip()]
    names = {key, entry_point, distribution}
    if any(r[1:] in names for r in rules if r.startswith("-")):
        return False
    only = [r for r in rules if not r.startswith("-")]
    return not only or any(r in names for r in only)


def _collect(plugin: Plugin) -> None:
    """Validates the plugin in a manager of its own and gathers what it registers; anything wrong raises."""
    manager = _manager()
    # A fresh manager each: pluggy keeps a plugin registered whose validation failed.
    manager.register(plugin.module, name=plugin.key)
    manager.check_pending()
    if not manager.get_hookcallers(plugin.module):
        raise PluginError("implements no lowface hook; is @lf.hookimpl missing?")
    module = plugin.module
    package = module.__name__ if isinstance(module, ModuleType) else type(module).__module__
    found: list[Component] = []
    for kind, hook in HOOKS.items():
        getattr(manager.hook, hook)(register=Registrar(kind, plugin.key, package, found))
    plugin.components = found


def _entry_points() -> Iterable[importlib.metadata.EntryPoint]:
    return sorted(importlib.metadata.entry_points(group=GROUP), key=lambda e: (e.dist.name if e.dist else "", e.name))


def load_plugins() -> Plugins:
    """Loads every installed plugin.

    A plugin that cannot be imported, implements an unknown hook, takes a wrong hook argument, or raises while
    registering contributes nothing and carries its cause in :attr:`Plugin.error`; ``LOWFACE_STRICT=1`` raises instead.
    """
    plugins: list[Plugin] = []
    seen: set[str] = set()
    for entry in _entry_points():
        distribution = entry.dist.name if entry.dist else "unknown"
        key = f"{distribution}:{entry.name}"
        if key in seen or not _wanted(key, entry.name, distribution):
            continue  # an editable install on top of a wheel lists the same entry point twice
        seen.add(key)
        plugin = Plugin(key, distribution, entry.dist.version if entry.dist else "?", entry.name, entry.value)
        plugins.append(plugin)
        try:
            plugin.module = entry.load()
            _collect(plugin)
        except (Exception, SystemExit) as error:
            if os.environ.get("LOWFACE_STRICT") == "1":
                raise
            text = " ".join(str(error).split()) or "no message"
            plugin.error = text if isinstance(error, PluginError) else f"{type(error).__name__}: {text}"
            plugin.components, plugin.module = [], None
    return Plugins(plugins)


@functools.cache
def plugins() -> Plugins:
    """The plugins of this process, loaded on first use; ``plugins.cache_clear()`` forgets them (tests)."""
    return load_plugins()
