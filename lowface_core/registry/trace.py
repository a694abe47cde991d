"""What plugins do, line by line on stderr: ``LOWFACE_TRACE=1`` shows it, and what they print never reaches stdout."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any


def tracing() -> bool:
    """Whether ``LOWFACE_TRACE=1`` asks for the lines."""
    return os.environ.get("LOWFACE_TRACE") == "1"


def trace(line: str) -> None:
    """Prints a line on stderr if ``LOWFACE_TRACE=1``."""
    if tracing():
        print(f"trace: {line}", file=sys.stderr)


@contextlib.contextmanager
def timed(what: str) -> Iterator[None]:
    """Context whose duration is traced as ``what (1.2 ms)``; one that raises is traced with the error's class."""
    if not tracing():
        yield
        return
    began, failed = time.perf_counter(), ""
    try:
        yield
    except BaseException as error:
        failed = f", raised {type(error).__name__}"
        raise
    finally:
        trace(f"{what} ({(time.perf_counter() - began) * 1000:.1f} ms{failed})")


def call(name: str, arguments: Mapping[str, Any]) -> str:
    """``name(key=value, …)`` with long values shortened, for a traced line."""
    return f"{name}({', '.join(f'{key}={short(value)}' for key, value in arguments.items())})"


def short(value: Any) -> str:
    """A value as text of at most 80 characters in one line."""
    if isinstance(value, Mapping):
        value = dict(value)
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:77]}…"


class _Named(io.TextIOBase):
    """Writes to stderr whatever is written to it, and says first who wrote."""

    def __init__(self, owner: str, seen: Callable[[str], Any]) -> None:
        self.owner, self.seen, self.begun, self.line_open = owner, seen, False, False

    def write(self, text: str) -> int:
        if text.strip() and not self.begun:
            sys.stderr.write(f"lowface: {self.owner} prints: ")
            self.begun = True
        if self.begun:
            sys.stderr.write(text)
            self.seen(text)
            self.line_open = not text.endswith("\n")
        return len(text)

    def writable(self) -> bool:
        return True


@contextlib.contextmanager
def diverted(owner: str, seen: Callable[[str], Any] = lambda text: None) -> Iterator[None]:
    """Context in which ``print`` goes to stderr, named: stdout belongs to what a command answers (``--json``).

    Args:
        owner: whose code runs, e.g. ``plugin haze-free:plugin``.
        seen: called with each text printed.
    """
    named = _Named(owner, seen)
    try:
        with contextlib.redirect_stdout(named):
            yield
    finally:
        if named.line_open:
            sys.stderr.write("\n")
