"""Intervals from which a degradation draws."""

from __future__ import annotations

import numpy as np

from lowface_core.errors import ConfigError


class Interval:
    """A closed interval of numbers.

    Args:
        name: registered name of the degradation and keyword, for messages.
        value: ``(low, high)``, or one number for both.

    Raises:
        ConfigError: the wrong way round.
    """

    def __init__(self, name: str, value: float | tuple[float, float]) -> None:
        self.low, self.high = value if isinstance(value, (tuple, list)) else (value, value)
        if self.low > self.high:
            raise ConfigError(f"{name} = {value!r} is the wrong way round; swap the two")

    def draw(self, rng: np.random.Generator) -> float:
        """A number, every one equally likely; exactly one is drawn from ``rng``, also for a point."""
        return float(rng.uniform(self.low, self.high))

    def __repr__(self) -> str:
        return f"({self.low:g}, {self.high:g})"
