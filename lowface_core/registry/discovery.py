"""Entry points of the group ``lowface`` in the installed distributions, half-installed ones among them."""

from __future__ import annotations

import contextlib
import importlib.metadata
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lowface_core.errors import PluginError

GROUP = "lowface"
TARGET = re.compile(r"[\w.]+\s*(:\s*[\w.]+\s*)?(\[.*\])?\Z")  # module, module:object, with or without [extras]


@dataclass(frozen=True)
class Source:
    """Where a plugin comes from.

    Attributes:
        key: ``distribution:entry-point``.
        version: of the distribution; ``?`` when it does not say.
        target: what the entry point names.
        entry: what imports it.
        fault: what is wrong with the distribution, and the cure; None when it is whole.
    """

    key: str
    distribution: str
    version: str
    entry_point: str
    target: str = "?"
    entry: Any = None
    fault: str | None = None

    def load(self) -> Any:
        """The object behind the entry point; raises ``PluginError`` when the distribution is not whole."""
        if self.fault:
            raise PluginError(self.fault, has_cure=True)
        return self.entry.load()


def discover() -> list[Source]:
    """Every entry point of the group, by distribution and name; a broken distribution does not hide the others.

    Of two versions of a distribution the first on the path counts, and the other is listed with a fault. An editable
    install on top of a wheel of the same version lists an entry point twice: once is enough.
    """
    distributions = [(dist, _folder(dist)) for dist in importlib.metadata.distributions()]
    # pip renames what it replaces to ~name and leaves that behind when it is interrupted
    distributions.sort(key=lambda pair: pair[1].name.startswith("~"))
    sources = [source for dist, folder in distributions for source in _sources(dist, folder)]
    kept: dict[str, Source] = {}
    for source in sorted(sources, key=lambda source: source.fault is not None):  # no fragment hides a whole one
        first = kept.get(source.key)
        if first is None:
            kept[source.key] = source
        elif first.version != source.version:
            name = source.distribution
            cure = f"pip uninstall {name} until none is left, then pip install it once"
            fault = source.fault or f"{name} {first.version} is installed as well and comes first on the path; {cure}"
            key = f"{name}=={source.version}:{source.entry_point}"
            kept[key] = replace(source, key=key, fault=fault)
    return sorted(kept.values(), key=lambda source: (source.distribution, source.entry_point, source.key))


def _sources(dist: importlib.metadata.Distribution, folder: Path) -> Iterator[Source]:
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
            yield Source(f"{name}:?", name, version, "?", fault=fault)
        return
    if entries:
        name, version, fault = _identity(dist, folder)
    for entry in entries:
        wrong = fault
        if not wrong and not TARGET.match(entry.value):
            wrong = f"its entry point names no module, but {entry.value!r}; pip install --upgrade {name}"
        yield Source(f"{name}:{entry.name}", name, version, entry.name, entry.value, entry, wrong)


def _folder(dist: importlib.metadata.Distribution) -> Path:
    # the only attribute that tells one half-installed distribution from another; other finders' may lack it
    return Path(str(getattr(dist, "_path", "unknown")))


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
