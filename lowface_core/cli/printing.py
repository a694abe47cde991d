"""Streams through which names of files reach a terminal as text, whatever they hold."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from lowface_core.data.normal_form import printable


class Printable:
    """A text stream in which control characters become escapes; in all else the stream behind it.

    Attributes:
        behind: that stream, for what draws on a terminal by such characters.
    """

    def __init__(self, behind: TextIO) -> None:
        self.behind = behind

    def write(self, text: str) -> int:
        """Writes a text as :func:`printable` shows it."""
        self.behind.write(printable(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Writes texts one after the other."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.behind, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.behind)


@contextmanager
def printing() -> Iterator[None]:
    """Context in which what is printed on stdout and stderr is :class:`Printable`."""
    before = sys.stdout, sys.stderr
    wrapped = tuple(stream and Printable(stream) for stream in before)
    sys.stdout, sys.stderr = wrapped
    try:
        yield
    finally:
        if sys.stdout is wrapped[0]:  # not where a reader has gone
            sys.stdout = before[0]
        sys.stderr = before[1]
