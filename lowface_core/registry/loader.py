"""Finding and loading plugins, one by one, so that a broken one harms nobody else."""

from __future__ import annotations

import copy
import functools
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pluggy

from lowface_core.errors import PluginError, listing, nearest
from lowface_core.registry import hookspecs
from lowface_core.registry.discovery import Plugin as Plugin
from lowface_core.registry.discovery import discover
from lowface_core.registry.hook_validation import check_contract, check_hooks, package_of
from lowface_core.registry.owner import restored
from lowface_core.registry.registration import HOOKS, Component, Registrar, cause, has_cure
from lowface_core.registry.trace import call, diverted, timed


def _manager() -> pluggy.PluginManager:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    return manager


@dataclass
class Plugins:
    """All plugins of this process, and where to find a component.

    Attributes:
        loaded: every plugin that was found, failed ones too.
        manager: calls the hooks of those that did not fail, registered by their keys.
    """

    loaded: list[Plugin] = field(default_factory=list)
    manager: pluggy.PluginManager = field(default_factory=_manager)

    def components(self, kind: str | None = None) -> Iterator[Component]:
        """Every component on offer, of one kind or of all."""
        for plugin in self.loaded:
            yield from (c for c in plugin.components if kind in (None, c.kind))

    def clashes(self) -> list[list[Component]]:
        """The components of each bare name that several plugins claim."""
        claims: dict[tuple[str, str], list[Component]] = {}
        for component in self.components():
            claims.setdefault((component.kind, component.name), []).append(component)
        return [claimants for claimants in claims.values() if len(claimants) > 1]

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
            raise PluginError(f"{claim(hits, name)}; write {spellings(hits)}")
        failed = [p for p in self.loaded if p.error]
        owner = name.split("/", 1)[0] if "/" in name else None
        owners = [p for p in failed if owner in (None, p.key, p.distribution)]
        cause = "".join(f"; plugin {p.key} failed to load and may have offered it: {p.error}" for p in owners)
        offered = list(dict.fromkeys(c.name for c in of_kind))
        raise PluginError(f"unknown {kind} {name!r}{nearest(name, offered)}; on offer: {listing(offered)}{cause}")

    def call(self, plugin: Plugin, hook: str, **arguments: Any) -> list[Any]:
        """Calls one plugin's implementations of a hook; what they print goes to stderr, with the plugin's name.

        Returns:
            what they returned, except None.
        """
        owner = f"plugin {plugin.key}"
        with diverted(owner), restored(owner):
            return self._call(plugin, hook, arguments)

    def _call(self, plugin: Plugin, hook: str, arguments: Mapping[str, Any]) -> list[Any]:
        # pluggy's subset_hook_caller goes by the function's name and so misses those with specname=
        hookimpls = getattr(self.manager.hook, hook).get_hookimpls()
        ours = [each for each in reversed(hookimpls) if each.plugin_name == plugin.key]
        if not ours:
            return []
        with timed(f"{plugin.key} {call(hook, arguments)}"):
            results = [each.function(**{name: arguments[name] for name in each.argnames}) for each in ours]
        return [result for result in results if result is not None]

    def config_faults(self, cfg: Mapping[str, Any]) -> list[str]:
        """What the plugins' ``check_config`` say of a config, plugin by plugin.

        Raises:
            PluginError: one of them raised, or returned no list of texts; names the plugin.
        """
        faults: list[str] = []
        for plugin in self.loaded:
            try:
                results = self.call(plugin, "check_config", cfg=copy.deepcopy(cfg))  # it may change its own
            except (Exception, SystemExit) as error:
                raise PluginError(f"plugin {plugin.key} failed in check_config: {cause(error)}") from error
            for lines in results:
                if not isinstance(lines, (list, tuple)) or not all(isinstance(line, str) for line in lines):
                    raise PluginError(f"plugin {plugin.key}: check_config must return a list of texts, not {lines!r}")
                faults += lines
        return faults

    def add(self, plugin: Plugin, module: Any) -> None:
        """Validates a plugin, registers it, and gathers what it offers; anything wrong raises."""
        check_contract(module)
        check_hooks(module, self.manager)
        if other := self.manager.get_name(module):
            raise PluginError(f"{plugin.target} is plugin {other} already; remove one of the two entry points")
        self.manager.register(module, name=plugin.key)
        for kind, hook in HOOKS.items():
            self._call(plugin, hook, {"register": Registrar(kind, plugin.key, package_of(module), plugin.components)})

    def drop(self, plugin: Plugin, error: str, has_cure: bool = False) -> None:
        """Leaves a plugin out, with all that it offered."""
        if self.manager.has_plugin(plugin.key):
            self.manager.unregister(name=plugin.key)
        plugin.error, plugin.has_cure, plugin.components = error, has_cure, []


def claim(claimants: list[Component], name: str | None = None) -> str:
    """What several components claim, for a message."""
    return f"{claimants[0].kind} {(name or claimants[0].name)!r} is claimed by {len(claimants)} plugins"


def spellings(claimants: list[Component]) -> str:
    """What to write instead of a name that these components share: ``a/x or b/x``."""
    ways = {c.full_name for c in claimants}
    if len(ways) < len(claimants):  # of one distribution
        ways = {c.spellings[-1] for c in claimants}
    return " or ".join(sorted(ways))


def _wanted(plugin: Plugin) -> bool:
    """Whether ``LOWFACE_PLUGINS`` lets this plugin in: ``a,b`` only these, ``-c`` all but c."""
    rules = [r.strip() for r in os.environ.get("LOWFACE_PLUGINS", "").split(",") if r.strip()]
    names = {plugin.key, plugin.entry_point, plugin.distribution}
    only = [r for r in rules if not r.startswith("-")]
    return not any(f"-{name}" in rules for name in names) and (not only or any(r in names for r in only))


def found_names() -> set[str]:
    """Whatever ``LOWFACE_PLUGINS`` may say: entry-point name, distribution and key of every plugin installed."""
    return {name for found in discover() for name in (found.entry_point, found.distribution, found.key)}


def load_plugins(strict: bool | None = None) -> Plugins:
    """Loads every installed plugin.

    A plugin whose distribution is not whole, that cannot be imported, needs a newer contract, implements an unknown
    hook, takes a wrong hook argument, or raises while registering contributes nothing and carries its cause in
    :attr:`Plugin.error`. What a plugin prints meanwhile goes to stderr, with its name.

    Args:
        strict: raise instead; by default as ``LOWFACE_STRICT=1`` says.
    """
    strict = os.environ.get("LOWFACE_STRICT") == "1" if strict is None else strict
    found = Plugins()
    for plugin in filter(_wanted, discover()):
        found.loaded.append(plugin)
        light, threads, began = "torch" not in sys.modules, set(threading.enumerate()), time.perf_counter()
        printed: list[str] = []
        try:
            if plugin.error:
                raise PluginError(plugin.error, has_cure=True)
            owner = f"plugin {plugin.key}"
            with diverted(owner, printed.append), restored(owner):
                with timed(f"{plugin.key} imports {plugin.target}"):
                    module = plugin.entry.load()
                found.add(plugin, module)
        except (Exception, SystemExit) as error:
            if strict:
                raise
            found.drop(plugin, cause(error), has_cure(error))
        plugin.printed = "".join(printed).strip()
        plugin.heavy = light and "torch" in sys.modules
        plugin.seconds = time.perf_counter() - began
        plugin.threads = tuple(sorted(thread.name for thread in set(threading.enumerate()) - threads))
    return found


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
