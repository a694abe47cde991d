"""A lock between processes, so that weights several ask for at once are fetched once."""

from __future__ import annotations

import contextlib
import fcntl  # POSIX only: lowface does not run on Windows (Windows users: WSL)
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from lowface_core.errors import WeightsError


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds ``<path>.lock`` while the block runs; waits, and says so, while another process holds it.

    The lock file stays behind, empty: removing it would let a third process lock a file of its own. A process that
    ends, however it ends, frees the lock. On network file systems it works as far as they support ``flock``.

    Raises:
        WeightsError: the folder cannot be made, written or locked.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(path.name + ".lock").open("w")
    except OSError as error:
        raise WeightsError(f"{path.parent}: cannot be written ({error.strerror}); set LOWFACE_HOME") from error
    with lock:
        try:
            _acquire(lock, path)
        except OSError as error:
            reason = error.strerror or str(error)
            raise WeightsError(f"{path.parent}: cannot be locked ({reason}); set LOWFACE_HOME") from error
        yield


def _acquire(lock: IO[str], path: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"waiting for another process that works on {path}", file=sys.stderr)
        fcntl.flock(lock, fcntl.LOCK_EX)
