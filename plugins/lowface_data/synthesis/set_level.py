"""The outer loop of Low-FaceNet's Algorithm 1: a whole set of darkened pictures is accepted by its mean brightness."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np

from lowface_core.data.keyed_rng import keyed_rng
from lowface_core.errors import ConfigError, DataError
from lowface_data.degradations.linear import LinearDarkening


def generator(seed: int, key: str, turn: int = 0) -> np.random.Generator:
    """The generator of one picture: depends on seed, key and number of the draw, and on no other picture."""
    # Not the text itself, which keyed_rng reads otherwise: sets that were made before would come out different.
    return keyed_rng(seed, turn, int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big"))


def accept_level(
    levels: Mapping[str, float],
    degradation: LinearDarkening,
    level: float,
    tolerance: float = 0.01,
    seed: int = 0,
    rounds: int = 100,
) -> tuple[LinearDarkening, int]:
    """Draws a ratio for every picture until the set's mean brightness lies within ``tolerance`` of ``level``.

    After a rejected draw the whole interval is multiplied by what the mean was off, and cut at 1. Multiplying a picture
    multiplies its brightness, so no picture needs to be open.

    Args:
        levels: key → brightness of the normal-light picture.
        level: mean brightness to reach, in (0,1).
        tolerance: of the mean, above 0.

    Returns:
        the degradation with the interval that led there, and the number of the accepted draw, from 0, for
        :func:`generator`.

    Raises:
        ConfigError: level or tolerance is out of range.
        DataError: the pictures are darker than the level, so that no darkening can reach it.
    """
    if not 0 < level < 1 or not 0 < tolerance < 1:
        raise ConfigError(f"level {level} and tolerance {tolerance}: each must lie between 0 and 1")
    if not levels:
        raise DataError("no pictures to darken")
    before = float(np.mean(list(levels.values())))
    probe = np.zeros((3, 1, 1), np.float32)
    for turn in range(rounds):
        ratios = [degradation(probe, generator(seed, key, turn))[1]["ratio"] for key in levels]
        mean = float(np.mean([r * v for r, v in zip(ratios, levels.values(), strict=True)]))
        if abs(mean - level) < tolerance:
            return degradation, turn
        if level > mean and degradation.low >= 1:
            break
        degradation = degradation.times(level / max(mean, 1e-6))
    raise DataError(
        f"the pictures' mean brightness is {before:.3f}, and no darkening brings it within {tolerance} of {level}; "
        "give a lower level"
    )
