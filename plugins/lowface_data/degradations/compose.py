"""Degradations one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from lowface_core.errors import ConfigError


class Compose:
    """Applies up to four degradations in order; a composition may be a step of another.

    Args:
        first, second, third, fourth: degradations; those that are None are left out.

    Raises:
        ConfigError: a step cannot be called.
    """

    def __init__(self, first: Any, second: Any, third: Any = None, fourth: Any = None) -> None:
        steps = {"first": first, "second": second, "third": third, "fourth": fourth}
        self.steps = {name: step for name, step in steps.items() if step is not None}
        for name, step in self.steps.items():
            if not callable(step):
                raise ConfigError(f"compose: {name} is {step!r}; give a degradation, such as dict(type='linear')")

    def __call__(self, image: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, dict[str, float]]:
        """The degraded picture, float32 (3,H,W) in [0,1], and what every step drew, as ``first.ratio`` and so on."""
        drawn: dict[str, float] = {}
        for name, step in self.steps.items():
            image, numbers = step(image, rng)
            drawn.update({f"{name}.{key}": value for key, value in numbers.items()})
        return image, drawn
