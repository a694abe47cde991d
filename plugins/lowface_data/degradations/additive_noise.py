"""White Gaussian noise: the degradation of a denoising task."""

from __future__ import annotations

import numpy as np

from lowface_core.registry.bounds import NotNegative
from lowface_data.degradations.interval import Interval


class AdditiveNoise:
    """Adds Gaussian noise, independent per pixel and channel, and clips to [0,1].

    Args:
        std: standard deviation on the scale 0 to 1, a number or an interval; one is drawn per picture.

    Raises:
        ConfigError: ``std`` is not a number or pair, or is negative.
    """

    def __init__(self, std: NotNegative | tuple[NotNegative, NotNegative] = (0.02, 0.1)) -> None:
        self.std = Interval("additive_noise: std", std)

    def __call__(self, image: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, dict[str, float]]:
        """The noisy picture, float32 (3,H,W) in [0,1], and ``{"std": …}``."""
        std = self.std.draw(rng)
        noise = rng.standard_normal(image.shape, dtype=np.float32) * np.float32(std)
        return np.clip(image + noise, 0, 1).astype(np.float32), {"std": std}
