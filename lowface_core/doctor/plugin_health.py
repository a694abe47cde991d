"""Plugins: those that failed, names that two claim, components that cannot be imported, bad manners at loading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import click

from lowface_core.doctor.finding import FAULT, OK, WARNING, Finding
from lowface_core.errors import LowfaceError, listing
from lowface_core.registry.loader import Plugin, Plugins, lenient_plugins, spellings
from lowface_core.registry.registration import PLURALS, cause

OURS = "lowface"


def check() -> Iterator[Finding]:
    """What is wrong with each plugin, and between them."""
    found = lenient_plugins()
    if not found.loaded:
        yield Finding(FAULT, "no plugins are found, not even lowface's own", "unset LOWFACE_PLUGINS; reinstall lowface")
    for plugin in found.loaded:
        faults = list(_one(plugin))
        yield from faults or [Finding(OK, f"{plugin.key} {plugin.version}: {_offer(plugin)}")]
    yield from _clashes(found)


def _offer(plugin: Plugin) -> str:
    counts = Counter(component.kind for component in plugin.components)
    named = (f"{count} {kind if count == 1 else PLURALS[kind]}" for kind, count in counts.items())
    return ", ".join(named) or "no component"


def _one(plugin: Plugin) -> Iterator[Finding]:
    leave = f"or leave it out: LOWFACE_PLUGINS=-{plugin.entry_point}"
    if plugin.error:
        cure = f"do that, or pip install --upgrade {plugin.distribution}, {leave}"
        if not plugin.has_cure:
            cure = f"pip install --upgrade {plugin.distribution}, {leave}; LOWFACE_STRICT=1 LOWFACE_DEBUG=1 shows where"
        yield Finding(FAULT, f"plugin {plugin.key} {plugin.version} failed to load: {plugin.error}", cure)
        return
    if plugin.printed:
        text = " ".join(plugin.printed.split())[:80]
        cure = f"its author should not print at import; {leave}"
        yield Finding(WARNING, f"plugin {plugin.key} prints while it is loaded: {text!r}", cure)
    if plugin.heavy:
        cure = 'its author should register by text, "module:attribute", and import torch in that module'
        what = f"plugin {plugin.key} imports torch while it is loaded, so every command waits for it"
        yield Finding(WARNING, what, cure)
    for burden in plugin.burdens:
        cure = f"its author should do that where a component is built, not at import; {leave}"
        yield Finding(WARNING, f"plugin {plugin.key} {burden}", cure)
    try:
        lenient_plugins().call(plugin, "register_commands", cli=click.Group())
    except (Exception, SystemExit) as error:
        yield Finding(FAULT, f"plugin {plugin.key} failed in register_commands: {cause(error)}", f"update it, {leave}")
    for component in plugin.components:
        try:
            component.resolve()
        except LowfaceError as error:
            level, cure = FAULT, f"pip install --upgrade {component.distribution}, or report it to its author"
            if isinstance(error.__cause__, ModuleNotFoundError):  # an optional dependency: only this component needs it
                level, cure = WARNING, f"do that, if you want to use {component.kind} {component.name!r}"
            yield Finding(level, str(error), cure)


def _clashes(found: Plugins) -> Iterator[Finding]:
    for claimants in found.clashes():
        # shipped configs use bare names, so they stop working; two strangers only need to be told apart
        level = FAULT if any(c.distribution == OURS for c in claimants) else WARNING
        what = f"{claimants[0].kind} {claimants[0].name!r} is claimed by plugins {listing(c.plugin for c in claimants)}"
        stranger = next((c.plugin.split(":")[1] for c in claimants if c.distribution != OURS), "NAME")
        cure = f"write {spellings(claimants)} in configs, or leave one out: LOWFACE_PLUGINS=-{stranger}"
        yield Finding(level, what, cure)
