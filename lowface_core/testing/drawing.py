"""Checks of components that make pictures with a random generator in loader processes: data sets, degradations."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from lowface_core.testing.suite import Contract


class DrawingContract(Contract):
    """Base of the suites for components that are given a ``numpy.random.Generator`` and return arrays."""

    def check_picture(self, picture: Any, where: str, shape: tuple[int, ...] = (3, -1, -1)) -> None:
        """A picture is float32 of this shape (-1: any length), within [0,1]."""
        fits = isinstance(picture, np.ndarray) and picture.dtype == np.float32 and picture.ndim == len(shape)
        fits = fits and all(want in (-1, have) for want, have in zip(shape, picture.shape, strict=True))
        wanted = tuple("?" if n < 0 else n for n in shape)
        cure = f"give float32 {wanted}, RGB; NumPy's own numbers make float64 of it"
        self.require(fits, f"{where} is {kind_of(picture)}", cure)
        least, most = float(picture.min()), float(picture.max())
        cure = "divide bytes by 255, and clip what a degradation adds to [0,1]"
        # false for NaN as well
        self.require(least >= 0 and most <= 1, f"{where} reaches from {least:.3g} to {most:.3g}", cure)

    def check_repeats(self, draw: Callable[[np.random.Generator], Any], rule: str) -> Any:
        """The same generator draws the same, whatever the global ones do; returns what was drawn."""
        drawn = []
        for seed in (1, 2):
            random.seed(seed)
            np.random.seed(seed)
            torch.manual_seed(seed)
            drawn.append(draw(np.random.default_rng(7)))
        cure = "draw with rng, the generator given, and nothing else; keep nothing"
        self.require_same(drawn[0], drawn[1], rule, cure)
        return drawn[0]

    def pickled(self, made: Any) -> Any:
        """A copy as loader processes get it."""
        with self.holding("it cannot be pickled", "keep no open files, locks, lambdas or generators as attributes"):
            return pickle.loads(pickle.dumps(made))


def kind_of(value: Any) -> str:
    """Type and shape of an array, the type of anything else."""
    return f"{value.dtype} {tuple(value.shape)}" if isinstance(value, np.ndarray) else type(value).__name__
