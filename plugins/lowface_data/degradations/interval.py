"""Intervals from which a degradation draws: checked once, drawn from per picture."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lowface_core.errors import ConfigError


class Interval:
    """A closed interval of numbers.

    Args:
        owner, name: registered name of the degradation and keyword, for messages.
        value: ``(low, high)``, or one number for both.
        least, most: what the interval must lie in; ``most`` may be infinite.
        above: the lower bound itself is not allowed.

    Raises:
        ConfigError: no pair of finite numbers, the wrong way round, or out of bounds.
    """

    def __init__(
        self, owner: str, name: str, value: Any, least: float = 0.0, most: float = math.inf, above: bool = False
    ) -> None:
        pair = (value, value) if isinstance(value, (int, float)) else value
        if (
            not isinstance(pair, (tuple, list))
            or len(pair) != 2
            or any(isinstance(v, bool) or not isinstance(v, (int, float)) or not math.isfinite(v) for v in pair)
        ):
            raise ConfigError(f"{owner}: {name} is {value!r}; give a number or a pair (low, high)")
        self.low, self.high = float(pair[0]), float(pair[1])
        if self.low > self.high:
            raise ConfigError(f"{owner}: {name} = {value!r} is the wrong way round; swap the two")
        if self.low < least or self.high > most or (above and self.low <= least):
            bound = f"above {least:g}" if above else f"at least {least:g}"
            end = "" if most == math.inf else f" and at most {most:g}"
            raise ConfigError(f"{owner}: {name} = {value!r} must be {bound}{end}")

    def draw(self, rng: np.random.Generator) -> float:
        """A number, every one equally likely; exactly one is drawn from ``rng``, also for a point."""
        return float(rng.uniform(self.low, self.high))

    def __repr__(self) -> str:
        return f"({self.low:g}, {self.high:g})"
