"""Gamma darkening with faint noise: how CelebA-Test-II was made."""

from __future__ import annotations

import numpy as np

from lowface_core.data.depth import to_bytes, to_float
from lowface_core.registry.bounds import NotNegative, Positive
from lowface_data.degradations.interval import Interval


class GammaNoise:
    """Raises a picture to a power and adds Gaussian noise whose strength is given on the 0-255 scale.

    Args:
        gamma: exponent, a number or an interval; one is drawn per picture.
        noise: standard deviation in grey levels (1/255), a number or an interval; one is drawn per picture.
        legacy: what the released script does. It cuts the powers and the noise down to whole levels as unsigned bytes,
            so of noise below one level almost nothing is left: one value in some 5,000 is raised by a level, and where
            the noise falls below −1 it wraps to 255, which leaves a saturated value.
        quantize: round to 8 bits, as a file on disk is; False keeps full precision. The legacy form is always whole.

    Raises:
        ConfigError: an interval is out of its bounds.

    References:
        Fan et al., Low-FaceNet, IEEE TIM 73 (2024), section IV (CelebA-Test-II); the intervals are the released code's.
    """

    def __init__(
        self,
        gamma: Positive | tuple[Positive, Positive] = (2.15, 2.25),
        noise: NotNegative | tuple[NotNegative, NotNegative] = (0.26, 0.30),
        legacy: bool = False,
        quantize: bool = True,
    ) -> None:
        self.gamma = Interval("gamma_noise: gamma", gamma)
        self.noise = Interval("gamma_noise: noise", noise)
        self.legacy, self.quantize = legacy, quantize

    def __call__(self, image: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, dict[str, float]]:
        """The darkened picture, float32 (3,H,W) in [0,1], and ``{"gamma": …, "noise": …}``."""
        gamma, std = self.gamma.draw(rng), self.noise.draw(rng)
        powers = np.power(image, np.float32(gamma), dtype=np.float32)
        noise = rng.standard_normal(image.shape, dtype=np.float32) * np.float32(std)
        if self.legacy:
            # a byte holds no sign: −1 becomes 255, and the sum stops there
            levels = np.floor(powers * 255) + np.mod(np.trunc(noise), 256)
            dark = np.minimum(levels, 255).astype(np.float32) / np.float32(255)
        else:
            dark = np.clip(powers + noise / np.float32(255), 0, 1)
            if self.quantize:
                dark = to_float(to_bytes(dark))
        return dark, {"gamma": gamma, "noise": std}
