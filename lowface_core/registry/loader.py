"""Finding and loading plugins, one by one, so that a broken one harms nobody else."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import pluggy

from lowface_core.errors import PluginError, listing, nearest
from lowface_core.registry import hookspecs
from lowface_core.registry.hook_validation import check_contract, check_hooks, package_of
from lowface_core.registry.registration import HOOKS, Component, Registrar, cause
from lowface_core.registry.trace import call, diverted, timed

GROUP = "lowface"


@dataclass
class Plugin:
    """A plugin that was found, loaded or not.

    Attributes:
        key: ``distribution:entry-point``.
        error: why it contributes nothing, in one line; None when it loaded.
        components: what it offers; empty when it failed.
        module: the object behind the entry point; None when it failed.
        printed: what it printed while it was loaded.
        heavy: whether loading it imported torch, which makes every command wait.
    """

    key: str
    distribution: str
    version: str
    entry_point: str
    target: str
    error: str | None = None
    components: list[Component] = field(default_factory=list)
    module: Any = None
    printed: str = ""
    heavy: bool = False

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
        offered = list(dict.fromkeys(c.name for c in of_kind))
        raise PluginError(f"unknown {kind} {name!r}{nearest(name, offered)}; on offer: {listing(offered)}{cause}")

    def config_faults(self, cfg: Mapping[str, Any]) -> list[str]:
        """What the plugins' ``check_config`` say of a config, plugin by plugin.

        Raises:
            PluginError: one of them raised, or returned no list of texts; names the plugin.
        """
        faults: list[str] = []
        for plugin in self.loaded:
            if plugin.error:
                continue
            manager = _manager(plugin)
            try:
                with diverted(f"plugin {plugin.key}"), _traced(manager, plugin, "check_config", cfg=cfg):
                    said = manager.hook.check_config(cfg=cfg)
            except (Exception, SystemExit) as error:
                raise PluginError(f"plugin {plugin.key} failed in check_config: {cause(error)}") from error
            for lines in said:
                if not isinstance(lines, (list, tuple)) or not all(isinstance(line, str) for line in lines):
                    raise PluginError(f"plugin {plugin.key}: check_config must return a list of texts, not {lines!r}")
                faults += lines
        return faults


def _manager(plugin: Plugin) -> pluggy.PluginManager:
    """A manager of the plugin's own: pluggy keeps a plugin registered whose validation failed."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin.module, name=plugin.key)
    return manager


def _traced(manager: pluggy.PluginManager, plugin: Plugin, hook: str, **arguments: Any) -> AbstractContextManager[None]:
    implemented = bool(getattr(manager.hook, hook).get_hookimpls())
    return timed(f"{plugin.key} {call(hook, arguments)}") if implemented else nullcontext()


def _wanted(key: str, entry_point: str, distribution: str) -> bool:
    """Whether ``LOWFACE_PLUGINS`` lets this plugin in: ``a,b`` only these, ``-c`` all but c."""
    rules = [r.strip() for r in os.environ.get("LOWFACE_PLUGINS", "").split(",") if r.strip()]
    names = {key, entry_point, distribution}
    if any(r[1:] in names for r in rules if r.startswith("-")):
        return False
    only = [r for r in rules if not r.startswith("-")]
    return not only or any(r in names for r in only)


def _collect(plugin: Plugin) -> None:
    """Validates the plugin and gathers what it registers; anything wrong raises."""
    check_contract(plugin.module)
    check_hooks(plugin.module)
    manager = _manager(plugin)
    manager.check_pending()
    found: list[Component] = []
    for kind, hook in HOOKS.items():
        register = Registrar(kind, plugin.key, package_of(plugin.module), found)
        with _traced(manager, plugin, hook, register=register):
            getattr(manager.hook, hook)(register=register)
    plugin.components = found


def _entry_points() -> Iterable[importlib.metadata.EntryPoint]:
    return sorted(importlib.metadata.entry_points(group=GROUP), key=lambda e: (e.dist.name if e.dist else "", e.name))


def found_names() -> set[str]:
    """Whatever ``LOWFACE_PLUGINS`` may say: entry-point name, distribution and key of every plugin installed."""
    names: set[str] = set()
    for entry in _entry_points():
        distribution = entry.dist.name if entry.dist else "unknown"
        names |= {entry.name, distribution, f"{distribution}:{entry.name}"}
    return names


def load_plugins(strict: bool | None = None) -> Plugins:
    """Loads every installed plugin.

    A plugin that cannot be imported, needs a newer contract, implements an unknown hook, takes a wrong hook argument,
    or raises while registering contributes nothing and carries its cause in :attr:`Plugin.error`. What a plugin prints
    meanwhile goes to stderr, with its name.

    Args:
        strict: raise instead; by default as ``LOWFACE_STRICT=1`` says.
    """
    strict = os.environ.get("LOWFACE_STRICT") == "1" if strict is None else strict
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
        light = "torch" not in sys.modules
        printed: list[str] = []
        try:
            with diverted(f"plugin {key}", printed.append):
                with timed(f"{key} imports {entry.value}"):
                    plugin.module = entry.load()
                _collect(plugin)
        except (Exception, SystemExit) as error:
            if strict:
                raise
            plugin.error = cause(error)
            plugin.components, plugin.module = [], None
        plugin.printed = "".join(printed).strip()
        plugin.heavy = light and "torch" in sys.modules
    return Plugins(plugins)


@functools.cache
def plugins() -> Plugins:
    """The plugins of this process, loaded on first use; ``plugins.cache_clear()`` forgets them (tests)."""
    return load_plugins()


def lenient_plugins() -> Plugins:
    """:func:`plugins`, with broken ones left out even under ``LOWFACE_STRICT=1``: for those who tell what is broken."""
    strict = os.environ.pop("LOWFACE_STRICT", None)
    try:
        return plugins()
    finally:
        if strict is not None:
            os.environ["LOWFACE_STRICT"] = strict
