"""What lowface logs, on the terminal of whoever runs a command; programs that import it set up logging themselves."""

from __future__ import annotations

import logging
import os

import click

from lowface_core.errors import LowfaceError, listing, nearest
from lowface_core.variables import LEVELS


class _Stderr(logging.Handler):
    """One line per record on whatever stderr is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            click.echo(f"lowface: {record.getMessage()}", err=True)
        except Exception:
            self.handleError(record)


def to_stderr() -> None:
    """Shows lowface's log lines of level ``LOWFACE_LOG`` (default ``info``) and above on stderr.

    Raises:
        LowfaceError: there is no such level.
    """
    level = os.environ.get("LOWFACE_LOG", "info").lower()
    if level not in LEVELS:
        raise LowfaceError(f"LOWFACE_LOG: {level!r} is none of {listing(LEVELS)}{nearest(level, LEVELS)}")
    logger = logging.getLogger("lowface")
    logger.setLevel(level.upper())
    if not any(isinstance(handler, _Stderr) for handler in logger.handlers):
        logger.addHandler(_Stderr())
