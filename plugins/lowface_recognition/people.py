"""Who the pictures of a list of pairs show, as far as names and pairs tell: the people that intervals are over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np


def people_of_pairs(keys: Sequence[str], first: np.ndarray, second: np.ndarray, same: np.ndarray) -> list[str]:
    """A name for the person on each picture.

    The folder's name, or the file's up to its last underscore. Where these names contradict the pairs (a pair of one
    person has two names, a pair of two people one), they are no names of people: then pictures show one person where
    genuine pairs connect them.

    Args:
        keys: paths of the pictures.
        first, second: (N,) indices of pairs.
        same: (N,) bool.
    """
    names = [_name(PurePosixPath(key)) for key in keys]
    one = np.array([names[a] == names[b] for a, b in zip(first, second, strict=True)])
    if (one == same).all():
        return names
    leader = list(range(len(keys)))

    def lead(place: int) -> int:
        while leader[place] != place:
            leader[place] = leader[leader[place]]
            place = leader[place]
        return place

    for a, b in zip(first[same], second[same], strict=True):
        leader[lead(int(a))] = lead(int(b))
    return [keys[lead(place)] for place in range(len(keys))]


def _name(key: PurePosixPath) -> str:
    return key.parent.as_posix() if len(key.parts) > 1 else key.stem.rpartition("_")[0] or key.stem
