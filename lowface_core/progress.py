"""A progress bar on a terminal, silence elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


def progress_bar(
    label: str, total: int | None, start: int = 0, in_bytes: bool = False, stays: bool = True, unit: str = ""
) -> Any:
    """A started bar of rich, None where stderr is no terminal; its only task is number 0.

    What its field ``below`` says gets lines of its own: beside the bar it would squeeze it out of a narrow terminal.

    Args:
        label: what is being done, in front of the bar.
        total: how many things there are; None: nobody knows.
        start: how many were done before.
        in_bytes: the things are bytes of a download: shown as sizes, with their speed.
        stays: it is left on the terminal.
        unit: what the things are called where their number in a second is shown; empty: it is not.
    """
    if not sys.stderr.isatty():
        return None
    from rich import progress
    from rich.console import Console
    from rich.text import Text

    class Bar(progress.Progress):
        def get_renderables(self) -> Iterator[Any]:
            yield self.make_tasks_table(self.tasks)
            yield from (Text(task.fields["below"], style="dim") for task in self.tasks if task.fields["below"])

    class Rate(progress.ProgressColumn):
        def render(self, task: progress.Task) -> Text:
            return Text("" if task.speed is None else f"{task.speed:.1f} {unit}/s")

    sizes = (progress.DownloadColumn(binary_units=True), progress.TransferSpeedColumn())
    columns = (
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(bar_width=20),
        *(sizes if in_bytes else (progress.MofNCompleteColumn(), progress.TimeElapsedColumn())),
        *([Rate()] if unit else []),
        progress.TextColumn("ETA"),
        progress.TimeRemainingColumn(),
    )
    bar = Bar(*columns, console=Console(file=getattr(sys.stderr, "behind", sys.stderr)), transient=not stays)
    bar.add_task(label, total=total, completed=start, below="")
    bar.start()
    return bar


@contextlib.contextmanager
def counted(
    label: str, total: int | None, start: int = 0, in_bytes: bool = False, unit: str = ""
) -> Iterator[Callable[[int], None]]:
    """Context that gives a function to call with the number of things just done; see :func:`progress_bar`."""
    bar = progress_bar(label, total, start, in_bytes, stays=in_bytes, unit=unit)
    if bar is None:
        yield lambda done: None
        return
    try:
        yield lambda done: bar.advance(0, done)
    finally:
        bar.stop()


def tracked(items: Sequence[T], label: str) -> Iterator[T]:
    """The items one by one, with a bar on a terminal when there is more than one."""
    if len(items) < 2:
        yield from items
        return
    with counted(label, len(items)) as advance:
        for item in items:
            yield item
            advance(1)
