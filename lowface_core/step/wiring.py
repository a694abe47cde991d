"""Who reads what: argument names matched with the names a step has on offer, once, before training starts."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lowface_core.errors import ConfigError, listing, nearest
from lowface_core.registry.trace import trace


@dataclass(frozen=True)
class Reads:
    """Argument names of a callable: those it must get and those it may get."""

    required: tuple[str, ...]
    optional: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        return self.required + self.optional

    def pick(self, names: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments for one call, taken from a step's names."""
        return {n: names[n] for n in self.all if n in names}


def reads(function: Callable[..., Any]) -> Reads:
    """Argument names of ``function`` (a loss's ``forward``, a metric's ``update``); one with a default is optional."""
    named = [
        p
        for p in inspect.signature(function).parameters.values()
        if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) and p.name != "self"
    ]
    required = tuple(p.name for p in named if p.default is p.empty)
    return Reads(required, tuple(p.name for p in named if p.default is not p.empty))


def check_reads(path: str, wanted: Iterable[str], offered: Iterable[str], source: str) -> None:
    """Checks that every name in ``wanted`` is on offer.

    Args:
        path: config path of the reader, e.g. ``losses.color``.
        source: who supplies the batch names, e.g. ``train_dataset lapa_face``.

    Raises:
        ConfigError: the first name nobody supplies, the names on offer and the nearest match.
    """
    offered = list(offered)
    for name in wanted:
        if name not in offered:
            raise ConfigError(
                f"{path}: reads {name!r}, which nobody supplies{nearest(name, offered)}; "
                f"on offer from {source}, the enhancer and the heads: {listing(offered)}"
            )


def trace_fills(path: str, what: Reads, suppliers: Mapping[str, Iterable[str]]) -> None:
    """Traces, for ``LOWFACE_TRACE=1``, who fills each argument of a reader.

    Args:
        path: config path of the reader.
        what: its arguments.
        suppliers: names on offer by who offers them; of two that offer a name, the later one supplies it.
    """
    offers = {name: source for source, names in suppliers.items() for name in names}
    told = [f"{name} from {offers[name]}" if name in offers else f"{name} left at its default" for name in what.all]
    trace(f"{path} reads {', '.join(told) or 'nothing'}")
