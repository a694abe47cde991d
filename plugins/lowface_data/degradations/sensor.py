"""A short exposure as a camera would take it: light, electrons, converter, tone curve, file."""

from __future__ import annotations

import io
from typing import Annotated

import numpy as np
from annotated_types import Ge, Le
from PIL import Image

from lowface_core.data.colour_space import from_linear, to_linear
from lowface_core.data.depth import to_bytes
from lowface_core.registry.bounds import NotNegative, PositiveShare
from lowface_data.degradations.interval import Interval

Electrons = Annotated[float, Ge(1)]
Quality = Annotated[float, Ge(1), Le(100)]


class Sensor:
    """Darkens in linear light and adds the noise of a sensor that gets little of it.

    The picture is taken back to linear light (sRGB curve) and multiplied by the exposure. A pixel of full brightness
    would fill ``electrons``; arriving ones are counted with Poisson noise, reading adds Gaussian noise, the converter
    rounds to ``bits`` and clips, the sRGB curve is applied, the file rounds to 8 bits and may be a JPEG.

    Args:
        exposure: factor in linear light, a number or an interval in (0,1].
        electrons: full-well count, a number or an interval; fewer is noisier.
        read_noise: standard deviation in electrons, a number or an interval.
        bits: of the converter, 8 to 16.
        jpeg: quality of JPEG, a number or an interval in 1..100; None stores the picture without loss.

    Raises:
        ConfigError: an interval is the wrong way round.
    """

    def __init__(
        self,
        exposure: PositiveShare | tuple[PositiveShare, PositiveShare] = (0.05, 0.2),
        electrons: Electrons | tuple[Electrons, Electrons] = (1000, 5000),
        read_noise: NotNegative | tuple[NotNegative, NotNegative] = (2, 8),
        bits: Annotated[int, Ge(8), Le(16)] = 12,
        jpeg: Quality | tuple[Quality, Quality] | None = None,
    ) -> None:
        self.exposure = Interval("sensor: exposure", exposure)
        self.electrons = Interval("sensor: electrons", electrons)
        self.read_noise = Interval("sensor: read_noise", read_noise)
        self.bits = bits
        self.jpeg = None if jpeg is None else Interval("sensor: jpeg", jpeg)

    def __call__(self, image: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, dict[str, float]]:
        """The picture as the camera stores it, float32 (3,H,W) in [0,1], and every drawn number."""
        drawn = {name: getattr(self, name).draw(rng) for name in ("exposure", "electrons", "read_noise")}
        if self.jpeg is not None:
            drawn["jpeg"] = float(round(self.jpeg.draw(rng)))
        electrons = to_linear(image).astype(np.float64) * drawn["exposure"] * drawn["electrons"]
        counted = rng.poisson(electrons) + rng.normal(0, drawn["read_noise"], image.shape)
        steps = 2**self.bits - 1
        digital = np.rint(np.clip(counted / drawn["electrons"], 0, 1) * steps) / steps
        pixels = to_bytes(from_linear(digital))
        if "jpeg" in drawn:
            file = io.BytesIO()
            Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0))).save(
                file, "JPEG", quality=int(drawn["jpeg"])
            )
            with Image.open(file) as stored:
                pixels = np.asarray(stored).transpose(2, 0, 1)
        return np.ascontiguousarray(pixels).astype(np.float32) / np.float32(255), drawn
