"""A progress bar on a terminal, silence elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


@contextlib.contextmanager
def counted(label: str, total: int | None, start: int = 0, in_bytes: bool = False) -> Iterator[Callable[[int], None]]:
    """Context that gives a function to call with the number of things just done.

    Args:
        label: what is being done, in front of the bar.
        total: how many things there are; None: nobody knows.
        start: how many were done before.
        in_bytes: the things are bytes of a download: shown as sizes, with their speed, and left on the terminal.
    """
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich import progress
    from rich.console import Console

    amounts = (progress.MofNCompleteColumn(),)
    sizes = (progress.DownloadColumn(binary_units=True), progress.TransferSpeedColumn())
    columns = (
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(bar_width=20),
        *(sizes if in_bytes else amounts),
        progress.TextColumn("ETA"),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=Console(stderr=True), transient=not in_bytes) as bar:
        task = bar.add_task(label, total=total, completed=start)
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
