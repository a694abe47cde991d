"""Memory that was freed goes back to the system, which the C library else keeps in pieces that fit nothing."""

from __future__ import annotations

import ctypes
import functools
import sys
from collections.abc import Callable


def give_back() -> None:
    """Returns freed memory to the system where the C library can (glibc); elsewhere nothing happens.

    Tiles of several shapes, one after the other, leave gaps that add up to more than a tile takes.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@functools.cache
def _trim() -> Callable[[int], int] | None:
    if not sys.platform.startswith("linux"):
        return None
    found: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
    return found
