"""Degradations one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lowface_core.errors import ConfigError
from lowface_data.degradations import Degradation


class Compose:
    """Applies degradations in order; a composition may be a step of another.

    Args:
        steps: degradations, at least one.

    Raises:
        ConfigError: there is no step, or one cannot be called.
    """

    def __init__(self, steps: Sequence[Any]) -> None:
        self.steps: list[Degradation] = list(steps)
        if not self.steps:
            raise ConfigError("compose: steps is empty; give at least one, such as [dict(type='linear')]")
        for place, step in enumerate(self.steps):
            if not callable(step):
                raise ConfigError(
                    f"compose: steps.{place} is {step!r}; give degradations, such as [dict(type='linear')]"
                )

    def __call__(self, image: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, dict[str, float]]:
        """The degraded picture, float32 (3,H,W) in [0,1], and what every step drew, as ``0.ratio`` and so on."""
        drawn: dict[str, float] = {}
        for place, step in enumerate(self.steps):
            image, numbers = step(image, rng)
            drawn.update({f"{place}.{key}": value for key, value in numbers.items()})
        return image, drawn
