"""Any data set in the dark: its normal-light pictures recoloured, then degraded."""

from __future__ import annotations

from typing import Any

import numpy as np

from lowface_core.data.dataset import Dataset
from lowface_core.errors import ConfigError
from lowface_core.registry.bounds import NotNegative, Share
from lowface_data import recolour
from lowface_data.degradations import Degradation
from lowface_data.degradations.description import described
from lowface_data.wrapped import Wrapped


class Darkened(Wrapped):
    """Adds ``low`` to the samples of a data set that supplies ``normal``, as the outermost step.

    Around ``augmented`` the pictures are degraded after the crop, which costs less and keeps noise and JPEG blocks as
    the camera makes them. Before that, ``normal`` itself gets other colours, exposure and surroundings, for an enhancer
    that has seen faces alone takes the colour out of everything else. A ``low`` of the data set inside is replaced;
    everything else passes, its gallery unchanged.

    Args:
        dataset: supplies ``normal``.
        degradation: makes ``low``, float32 (3,H,W) in [0,1], of the recoloured ``normal``.
        hue: the hue is turned by up to so many degrees either way.
        saturation: saturation is multiplied by up to 1 + this, or divided.
        surroundings: probability that what is around the face gets a strong colour (see
            :func:`~lowface_data.recolour.surroundings`).
        exposure: the exposure of ``normal`` is moved by up to so many stops either way.

    Raises:
        ConfigError: the data set has no ``normal``.
    """

    def __init__(
        self,
        dataset: Dataset,
        degradation: Degradation,
        hue: NotNegative = 12.0,
        saturation: NotNegative = 0.4,
        surroundings: Share = 0.25,
        exposure: NotNegative = 0.15,
    ) -> None:
        if "normal" not in dataset.names:
            raise ConfigError(f"darkened: the data set inside has {', '.join(dataset.names)}; give one with normal")
        super().__init__(dataset)
        self.degradation = degradation
        self.hue, self.saturation, self.surroundings, self.exposure = hue, saturation, surroundings, exposure
        self.names = ("low", *(name for name in dataset.names if name != "low"))

    def fingerprint(self) -> str:
        return (
            f"Darkened:hue={self.hue}:saturation={self.saturation}:surroundings={self.surroundings}"
            f":exposure={self.exposure}:degradation={described(self.degradation)}:{self.dataset.fingerprint()}"
        )

    def changed(self, index: int, sample: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
        """``normal`` recoloured, and ``low`` made of it."""
        normal = sample["normal"]
        if self.hue or self.saturation:
            most = np.log1p(self.saturation)
            normal = recolour.recolour(normal, rng.uniform(-self.hue, self.hue), np.exp(rng.uniform(-most, most)))
        if rng.random() < self.surroundings:
            mask = recolour.surroundings(sample, rng)
            normal = recolour.colour_places(normal, mask, recolour.strong_colour(rng), rng.uniform(0.4, 1.0))
        if self.exposure:
            normal = recolour.expose(normal, rng.uniform(-self.exposure, self.exposure))
        return {**sample, "normal": normal, "low": self.degradation(normal, rng)[0]}
