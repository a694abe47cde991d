"""Haze: the degradation of a dehazing task."""

from __future__ import annotations

import numpy as np

from lowface_core.registry.bounds import NotNegative, Share
from lowface_data.degradations.interval import Interval


class Haze:
    """Mixes a picture with airlight: ``J·t + A·(1 − t)``, t = exp(−β·d).

    The depth d is not known from a picture: it grows evenly from ``near`` at the lower edge to 1 at the upper.

    Args:
        density: β, a number or an interval.
        airlight: A, a number or an interval in [0,1]; grey.
        near: depth at the lower edge, a number or an interval in [0,1]; 1 is haze of even density.

    Raises:
        ConfigError: an interval is out of its bounds.

    References:
        Koschmieder's law, in the form of Narasimhan and Nayar, Vision and the Atmosphere, IJCV 48 (2002).
    """

    def __init__(
        self,
        density: NotNegative | tuple[NotNegative, NotNegative] = (0.5, 1.5),
        airlight: Share | tuple[Share, Share] = (0.8, 1.0),
        near: Share | tuple[Share, Share] = 0.5,
    ) -> None:
        self.density = Interval("haze: density", density)
        self.airlight = Interval("haze: airlight", airlight)
        self.near = Interval("haze: near", near)

    def __call__(self, image: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, dict[str, float]]:
        """The hazy picture, float32 (3,H,W) in [0,1], and ``{"density": …, "airlight": …, "near": …}``."""
        density, airlight, near = self.density.draw(rng), self.airlight.draw(rng), self.near.draw(rng)
        depth = np.linspace(1, near, image.shape[1])[:, None]
        seen = np.exp(-density * depth).astype(np.float32)
        hazy = image * seen + np.float32(airlight) * (1 - seen)
        return np.clip(hazy, 0, 1).astype(np.float32), {"density": density, "airlight": airlight, "near": near}
