"""Contrast pictures: which unpaired normal-light and low-light picture a sample is held against."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lowface_core.errors import DataError


class OtherIdentity:
    """Draws samples of any identity but one's own, every such sample equally likely.

    Args:
        identities: identity index of each sample.
        root: where the data lie, for messages.

    Raises:
        DataError: there is only one identity, so that no other can be drawn.
    """

    def __init__(self, identities: Sequence[int] | np.ndarray, root: Path) -> None:
        identities = np.asarray(identities)
        # Sorted by identity, each one's samples are a stretch; a draw skips that stretch, without trial and error.
        self._order = np.argsort(identities, kind="stable")
        ranked = identities[self._order]
        self._first = np.searchsorted(ranked, identities, side="left")
        self._count = np.searchsorted(ranked, identities, side="right") - self._first
        if not len(identities) or self._count.max() == len(identities):
            raise DataError(
                f"{root}: contrast pictures come from another identity, and there is only one; add a second"
            )

    def __call__(self, index: int, rng: np.random.Generator) -> int:
        """Index of a sample whose identity is not that of sample ``index``; one number is drawn from ``rng``."""
        place = int(rng.integers(len(self._order) - self._count[index]))
        if place >= self._first[index]:
            place += int(self._count[index])
        return int(self._order[place])
