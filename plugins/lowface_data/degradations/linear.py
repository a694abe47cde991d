"""Linear darkening: the per-picture step of Low-FaceNet's data synthesis."""

from __future__ import annotations

import numpy as np

from lowface_core.data.depth import to_bytes, to_float
from lowface_core.errors import ConfigError
from lowface_core.registry.bounds import PositiveShare


class LinearDarkening:
    """Multiplies a picture by a ratio drawn uniformly from [low, high], one ratio a picture.

    This is the inner step of Algorithm 1. Its outer loop, which accepts or redraws a whole set by its mean brightness,
    is :func:`lowface_data.synthesis.set_level.accept_level`, which ``lowface synthesize`` runs.

    Args:
        low, high: interval of the ratio, 0 < low ≤ high ≤ 1; 0.35 to 0.45 in the released code.
        quantize: round to 8 bits, as a darkened file on disk is; False keeps the full precision of the product.

    Raises:
        ConfigError: ``low`` is above ``high``.

    References:
        Fan et al., Low-FaceNet, IEEE TIM 73 (2024), Algorithm 1; the interval is the released code's.
    """

    def __init__(self, low: PositiveShare = 0.35, high: PositiveShare = 0.45, quantize: bool = True) -> None:
        if low > high:
            raise ConfigError(f"linear: low ({low}) is above high ({high}); swap them")
        self.low, self.high, self.quantize = low, high, quantize

    def __call__(self, image: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, dict[str, float]]:
        """The darkened picture, float32 (3,H,W) in [0,1], and the number that is drawn: ``{"ratio": r}``."""
        ratio = float(rng.uniform(self.low, self.high))
        dark = image * np.float32(ratio)
        if self.quantize:
            dark = to_float(to_bytes(dark))
        return dark, {"ratio": ratio}

    def times(self, factor: float) -> LinearDarkening:
        """The same with its interval multiplied by ``factor`` > 0 and cut at 1."""
        return LinearDarkening(min(self.low * factor, 1.0), min(self.high * factor, 1.0), self.quantize)
