"""Inputs of ``lowface enhance`` that are no pictures: which plugin answers to a source, and what it is handed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lowface_core.registry.loader import plugins
from lowface_core.registry.registration import Component

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class MediaJob:
    """One thing to enhance, as a function behind ``register_media`` gets it.

    Attributes:
        source: file or address; ``-``: standard input.
        output: file or folder; ``-``: standard output.
        enhancer: gives the network; may take seconds, so that what can be refused is refused before.
        level: what is brighter, from 0 to 1, passes through unchanged; None: nothing.
        report: CSV file to write of what was done.
        existing: what to do where a result exists: ``refuse`` with a :class:`lowface_core.errors.LowfaceError`,
            ``replace`` it, or ``keep`` it and do nothing.
    """

    source: str
    output: str
    enhancer: Callable[[], nn.Module]
    level: float | None = None
    report: Path | None = None
    existing: Literal["refuse", "replace", "keep"] = "refuse"


@dataclass(frozen=True)
class MediaResult:
    """What became of a :class:`MediaJob`.

    Attributes:
        told: the answer of the command, in one line.
        faults: how many parts of the source could not be read; the command then exits with 1.
        content: the answer as plain data, for ``--json``.
    """

    told: str
    faults: int = 0
    content: Mapping[str, Any] = field(default_factory=dict)


def medium_of(source: str) -> Component | None:
    """The kind of input that answers to a source; None where it is for pictures: a folder, any other file."""
    ending = Path(source).suffix.lower()
    for component in plugins().components("medium"):
        if any(source == each or (len(each) > 1 and source.startswith(each)) for each in component.addresses):
            return component
        if ending in component.opens and not Path(source).is_dir():
            return component
    return None
