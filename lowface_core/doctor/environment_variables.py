"""``LOWFACE_*`` environment variables: names that mean nothing, values that do nothing."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping

from lowface_core.doctor.finding import FAULT, OK, WARNING, Finding
from lowface_core.errors import listing, nearest
from lowface_core.variables import LEVELS, OF_TESTS, SWITCHES, VARIABLES


def check() -> Iterator[Finding]:
    """Every variable of the environment whose name is, or might be meant as, one of lowface's."""
    found = list(examine(os.environ))
    yield from found
    if not found:
        yield Finding(OK, "no LOWFACE_ variable is set")


def examine(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Findings about an environment; nothing where no variable concerns lowface."""
    for name, value in sorted(environment.items()):
        if name in OF_TESTS:
            continue
        if name in VARIABLES:
            yield _value(name, value)
        elif meant := _meant(name):
            yield Finding(FAULT, f"{name} is set, which lowface does not read", f"write {meant}")
        elif name.startswith("LOWFACE_"):
            cure = f"unset it, unless a plugin reads it; lowface reads {listing(VARIABLES)}"
            yield Finding(WARNING, f"{name} is set, which lowface does not read", cure)


def _meant(name: str) -> str | None:
    """The variable that a misspelt name is meant to be."""
    bare = {known.replace("_", ""): known for known in VARIABLES}
    plain = name.upper().replace("_", "").replace("-", "")
    close = difflib.get_close_matches(plain, bare, n=1, cutoff=0.85) if plain.startswith("LOWFACE") else ()
    return bare[close[0]] if close else None


def _value(name: str, value: str) -> Finding:
    what = f"{name}={value}"
    if name in SWITCHES and value not in ("", "0", "1"):
        return Finding(FAULT, f"{what}: only 1 switches it on, so it is off", f"write {name}=1, or unset it")
    if name == "LOWFACE_LOG" and value.lower() not in LEVELS:
        return Finding(FAULT, f"{what}: no such level", f"use one of {listing(LEVELS)}{nearest(value.lower(), LEVELS)}")
    if name == "LOWFACE_PLUGINS":
        return _plugins(what, value)
    if name == "LOWFACE_HOME" and not os.path.isabs(os.path.expanduser(value)):
        return Finding(WARNING, f"{what}: another folder wherever a command is run", "write an absolute path")
    return Finding(OK, what)


def _plugins(what: str, value: str) -> Finding:
    from lowface_core.registry.loader import found_names

    names = found_names()
    for rule in filter(None, (part.strip() for part in value.split(","))):
        if rule.removeprefix("-") not in names:
            cure = f"name entry points, distributions or keys that lowface list-plugins shows{nearest(rule, names)}"
            return Finding(FAULT, f"{what}: no plugin is called {rule.removeprefix('-')!r}", cure)
    return Finding(OK, what)
