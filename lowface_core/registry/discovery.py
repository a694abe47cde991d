"""Entry points of the group ``lowface`` in the installed distributions, half-installed ones among them."""

from __future__ import annotations

import contextlib
import importlib.metadata
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lowface_core.registry.registration import Component

GROUP = "lowface"
TARGET = re.compile(r"[\w.]+\s*(:\s*[\w.]+\s*)?(\[.*\])?\Z")  # module, module:object, with or without [extras]


#: Seconds that loading a plugin may take.
SLOW = 1.0


@dataclass
class Plugin:
    """A plugin that was found, loaded or not.

    Attributes:
        key: ``distribution:entry-point``.
        version: of the distribution; ``?`` when it does not say.
        target: what the entry point names.
        entry: what imports it.
        error: why it contributes nothing, in one line; None when nothing is wrong with it.
        has_cure: whether that line says what to do about it.
        components: what it offers; empty when it failed.
        printed: what it printed while it was loaded.
        heavy: whether loading it imported torch, which makes every command wait.
        seconds: how long loading it took.
        threads: names of threads that loading it started and left running.
    """

    key: str
    distribution: str
    version: str
    entry_point: str
    target: str = "?"
    entry: Any = None
    error: str | None = None
    has_cure: bool = False
    components: list[Component] = field(default_factory=list)
    printed: str = ""
    heavy: bool = False
    seconds: float = 0.0
    threads: tuple[str, ...] = ()

    @property
    def burdens(self) -> list[str]:
        """What every command suffers because this plugin is loaded, a line each."""
        slow = [f"takes {self.seconds:.1f} s to load, so every command waits for it"] * (self.seconds > SLOW)
        left = [f"leaves threads running ({', '.join(self.threads)}) in every command"] * bool(self.threads)
        return slow + left

    @property
    def status(self) -> str:
        return "failed" if self.error else "ok"


def installed(name: str) -> str | None:
    """Version of an installed distribution."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def discover() -> list[Plugin]:
    """Every entry point of the group, by distribution and name; a broken distribution does not hide the others.

    Of two versions of a distribution the first on the path counts, and the other is listed with a fault. An editable
    install on top of a wheel of the same version lists an entry point twice: once is enough. Nothing is imported; what
    is wrong with a distribution is the ``error`` of its plugins, with the cure.
    """
    every = importlib.metadata.distributions()
    # the only attribute that tells one half-installed distribution from another; other finders' may lack it
    distributions = [(dist, Path(str(getattr(dist, "_path", "unknown")))) for dist in every]
    # pip renames what it replaces to ~name and leaves that behind when it is interrupted
    distributions.sort(key=lambda pair: pair[1].name.startswith("~"))
    found = [plugin for dist, folder in distributions for plugin in _plugins(dist, folder)]
    kept: dict[str, Plugin] = {}
    for plugin in sorted(found, key=lambda plugin: plugin.error is not None):  # no fragment hides a whole one
        first = kept.setdefault(plugin.key, plugin)
        if first.version != plugin.version:
            name = plugin.distribution
            cure = f"pip uninstall {name} until none is left, then pip install it once"
            error = plugin.error or f"{name} {first.version} is installed as well and comes first on the path; {cure}"
            key = f"{name}=={plugin.version}:{plugin.entry_point}"
            kept[key] = replace(plugin, key=key, error=error, has_cure=True)
    return sorted(kept.values(), key=lambda plugin: (plugin.distribution, plugin.entry_point, plugin.key))


def _plugins(dist: importlib.metadata.Distribution, folder: Path) -> Iterator[Plugin]:
    """The entry points of one distribution, each with what is wrong with it."""
    try:
        entries = [entry for entry in dist.entry_points if entry.group == GROUP]
    except Exception:  # not UTF-8, or a line that is not name = value
        listed, ours = folder / "entry_points.txt", False
        with contextlib.suppress(OSError):
            ours = f"[{GROUP}]".encode() in listed.read_bytes()
        if ours:
            name, version, fault = _identity(dist, folder)
            fault = fault or f"{listed} cannot be read; pip install --force-reinstall {name}"
            yield Plugin(f"{name}:?", name, version, "?", error=fault, has_cure=True)
        return
    if entries:
        name, version, fault = _identity(dist, folder)
    for entry in entries:
        wrong = fault
        if not wrong and not TARGET.match(entry.value):
            wrong = f"its entry point names no module, but {entry.value!r}; pip install --upgrade {name}"
        yield Plugin(f"{name}:{entry.name}", name, version, entry.name, entry.value, entry, wrong, bool(wrong))


def _identity(dist: importlib.metadata.Distribution, folder: Path) -> tuple[str, str, str | None]:
    """Name, version, and what is wrong with the metadata, if anything."""
    name: str | None = None
    version: str | None = None
    try:
        name, version = dist.metadata["Name"], dist.metadata["Version"]
        if name and version:
            return name, version, None
        reason = "has no version" if name else "has no name"
    except Exception as error:  # each Python raises its own where METADATA is missing or not UTF-8
        reason = f"cannot be read ({type(error).__name__})"
    name = name or folder.name.partition("-")[0].lstrip("~").replace("_", "-").lower()
    cure = f"delete that folder, then pip install {name} again"
    return name, version or "?", f"the metadata in {folder} {reason}, as after an interrupted install; {cure}"
