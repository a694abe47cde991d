"""Random numbers that follow from a key: the same on every machine, in any order, with any number of processes."""

from __future__ import annotations

import hashlib

import numpy as np


def keyed_rng(*parts: int | str) -> np.random.Generator:
    """The generator of a key, such as ``keyed_rng(seed, epoch)`` or ``keyed_rng(seed, "ann_0")``.

    Every draw of a data set, a synthesis or an evaluation comes from such a generator, so recorded results hold only
    as long as the same parts give the same numbers.

    Args:
        parts: whole numbers of at least 0, and texts, which count by the first sixteen bytes of their SHA-256. Keys
            that could meet elsewhere open with a number of their own.
    """
    return np.random.default_rng([_number(part) if isinstance(part, str) else part for part in parts])


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode(errors="backslashreplace")).digest()[:16], "little")
