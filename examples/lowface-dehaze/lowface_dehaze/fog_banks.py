"""The degradation: haze whose density drifts through the picture, lit by an air light of some colour."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowface_core.errors import ConfigError

Picture = NDArray[np.float32]


class FogBanks:
    """Atmospheric scattering: ``I = J·t + A·(1 − t)`` with the transmission ``t = exp(−β·d)``.

    The depth d is a smooth random map in [0,1], drawn anew for each picture: as if banks of fog drifted through it. The
    air light A is a near-white of a random tint, the same all over the picture.

    Args:
        density: β, a number or an interval ``(low, high)``, at least 0.
        airlight: brightness of A, a number or an interval in [0,1].
        tint: how far each colour of A may lie from its brightness, in [0,1]; A is clipped to [0,1].
        banks: the depth map has this many random values along each side, at least 2, with smooth steps between.
        near: the smallest depth, in [0,1]; 1 is haze of even density.
        quantize: round to 8 bits, as a picture from a file is. Dense haze then really loses something.

    Raises:
        ConfigError: an argument is out of its range.

    References:
        Koschmieder's law as Narasimhan and Nayar use it, Vision and the Atmosphere, IJCV 48 (2002).
    """

    def __init__(
        self,
        density: Any = (1.0, 2.5),
        airlight: Any = (0.7, 0.95),
        tint: float = 0.1,
        banks: int = 4,
        near: float = 0.3,
        quantize: bool = True,
    ) -> None:
        self.density = interval("density", density, math.inf)
        self.airlight = interval("airlight", airlight, 1.0)
        self.tint = interval("tint", tint, 1.0)[1]
        self.near = interval("near", near, 1.0)[1]
        if isinstance(banks, bool) or not isinstance(banks, int) or banks < 2:
            raise ConfigError(f"fog_banks: banks is {banks!r}; give a whole number of at least 2")
        self.banks, self.quantize = banks, bool(quantize)

    def __call__(self, image: Picture, rng: np.random.Generator) -> tuple[Picture, dict[str, float]]:
        """The hazy picture.

        Args:
            image: float32 (3,H,W) in [0,1]; left unchanged.
            rng: the only source of randomness.

        Returns:
            float32 (3,H,W) in [0,1], and ``{"density": β, "red": …, "green": …, "blue": …}``, the latter being A.
        """
        density = float(rng.uniform(*self.density))
        brightness = float(rng.uniform(*self.airlight))
        air = np.clip(brightness + rng.uniform(-self.tint, self.tint, 3), 0, 1)
        transmission = np.exp(-density * self.depth(image.shape[1], image.shape[2], rng))
        hazy = image * transmission + air[:, None, None] * (1 - transmission)
        if self.quantize:
            hazy = np.round(hazy * 255) / 255
        drawn = {"density": density, **dict(zip(("red", "green", "blue"), map(float, air), strict=True))}
        return np.clip(hazy, 0, 1).astype(np.float32), drawn

    def depth(self, height: int, width: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """A smooth random map (height, width) in [near, 1]."""
        corners = rng.uniform(self.near, 1, (self.banks, self.banks))
        return smooth_steps(height, self.banks) @ corners @ smooth_steps(width, self.banks).T


def smooth_steps(length: int, points: int) -> NDArray[np.float64]:
    """Weights (length, points) of evenly spread points at each pixel; rows sum to 1, and no edge shows at a point."""
    place = np.linspace(0, points - 1, length)
    left = np.minimum(place.astype(int), points - 2)
    step = place - left
    step = step * step * (3 - 2 * step)
    weights = np.zeros((length, points))
    weights[np.arange(length), left] = 1 - step
    weights[np.arange(length), left + 1] = step
    return weights


def interval(name: str, value: Any, most: float) -> tuple[float, float]:
    """``value``, a number or a pair (low, high), as a pair.

    Raises:
        ConfigError: anything else, the wrong way round, or outside [0, most].
    """
    pair = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) and math.isfinite(v) for v in pair)
    if len(pair) != 2 or not numbers or not 0 <= pair[0] <= pair[1] <= most:
        upper = "" if math.isinf(most) else f" and at most {most:g}"
        raise ConfigError(f"fog_banks: {name} is {value!r}; give a number or a pair (low, high), at least 0{upper}")
    return float(pair[0]), float(pair[1])
