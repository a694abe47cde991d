"""A progress bar on a terminal, silence elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


@contextlib.contextmanager
def counted(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Context that gives a function to call with the number of things just done.

    Args:
        label: what is being done, in front of the bar.
        total: how many things there are.
    """
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn(label),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("ETA"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done: bar.advance(task, done)


def tracked(items: Sequence[T], label: str) -> Iterator[T]:
    """The items one by one, with a bar on a terminal when there is more than one."""
    if len(items) < 2:
        yield from items
        return
    with counted(label, len(items)) as advance:
        for item in items:
            yield item
            advance(1)
