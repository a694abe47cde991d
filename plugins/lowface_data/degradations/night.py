"""A picture at night as a camera takes it: a broad mixture for training, and narrow presets for studies."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from lowface_core.data.colour_space import from_linear, to_linear
from lowface_core.data.depth import to_bytes, to_float
from lowface_data.degradations import camera_light, camera_noise

Range = tuple[float, float]


class Conditions(NamedTuple):
    """What is drawn from: shares are probabilities, pairs are log-uniform intervals where nothing else is said."""

    clean: float = 0.0  #: share of pictures that stay as they are, but for rounding
    values: float = 0.0  #: share darkened in the file's values; the others in linear light
    gamma_share: float = 0.0  #: of those darkened in values, the share that gets a gamma first
    exposure: Range = (0.006, 0.6)  #: factor in linear light
    ratio: Range = (0.035, 0.6)  #: factor in the file's values
    gamma: Range = (1.2, 2.6)
    photons: Range = (60, 8000)  #: at full scale
    read_noise: Range = (0.0005, 0.02)  #: standard deviation on the scale of full light
    rows: float = 0.0  #: share with row noise
    hot: float = 0.0  #: share with hot pixels
    demosaic: float = 0.0  #: share whose noise went through a Bayer pattern
    soften: float = 0.0  #: share whose noise the camera smoothed
    cast: float = 0.0  #: share under a coloured lamp
    mixed: float = 0.0  #: of those, the share under two
    uneven: float = 0.0  #: share lit unevenly
    motion: float = 0.0  #: share with motion blur
    jpeg: float = 0.0  #: share stored as JPEG
    quality: Range = (30, 95)  #: of the JPEG, uniform


#: What ``preset=`` names.
PRESETS = {
    "mixture": Conditions(
        clean=0.04, values=0.55, gamma_share=0.45, rows=0.35, hot=0.2, demosaic=0.4, soften=0.15, cast=0.45,
        mixed=0.25, uneven=0.4, motion=0.12, jpeg=0.25,
    ),
    "mild": Conditions(exposure=(0.011, 0.015), photons=(2500, 3500), read_noise=(0.0004, 0.0006)),
    "hard": Conditions(exposure=(0.007, 0.009), photons=(1000, 1400), read_noise=(0.0009, 0.0011)),
    "extreme": Conditions(exposure=(0.006, 0.007), photons=(600, 700), read_noise=(0.001, 0.0014)),
}  # fmt: skip


class Night:
    """Darkens a picture and adds what a camera adds in the dark; everything is drawn anew for every picture.

    In this order: darkening, either by an exposure in linear light (the sRGB curve is undone before and applied again
    behind the noise) or by a factor, sometimes after a gamma, in the file's values; uneven light (lamp, side light,
    window in the back); the colour of one lamp or two; motion blur; shot noise, read noise, row noise and hot pixels,
    sometimes as they are behind a Bayer pattern and its bilinear interpolation, sometimes smoothed; rounding to 8 bits;
    sometimes a JPEG. Each step is a function of :mod:`~lowface_data.degradations.camera_light` or
    :mod:`~lowface_data.degradations.camera_noise`; the probabilities and intervals are those of
    :data:`~lowface_data.degradations.night.PRESETS`.

    Args:
        preset: ``"mixture"`` for training; ``"mild"``, ``"hard"`` and ``"extreme"`` are narrow, for studies: darkening
            in linear light, shot and read noise and nothing else.

    References:
        Noise of raw pictures: Foi et al., Practical Poissonian-Gaussian noise modeling and fitting for single-image
        raw-data, IEEE TIP 17 (2008). Row noise: Wei et al., A physics-based noise formation model for extreme low-light
        raw denoising, CVPR 2020. Undoing a camera's steps: Brooks et al., Unprocessing images for learned raw
        denoising, CVPR 2019.
    """

    def __init__(self, preset: Literal["mixture", "mild", "hard", "extreme"] = "mixture") -> None:
        self.preset = preset

    def fingerprint(self) -> str:
        """The preset and its numbers."""
        return f"Night({self.preset}: {tuple(PRESETS[self.preset])})"

    def __call__(self, image: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, dict[str, float]]:
        """The picture at night.

        Args:
            image: float32 (3,H,W) in [0,1]; left unchanged.
            rng: everything is drawn from it.

        Returns:
            float32 (3,H,W) in [0,1], multiples of 1/255, and what was drawn: ``exposure`` (in linear light, or factor
            of the values), ``linear`` (whether in linear light), ``gamma``, ``uneven`` (depth, 0 for even light),
            ``temperature`` and ``tint`` of the lamp, ``motion`` in pixels, ``photons``, ``read_noise``, ``row_noise``,
            ``hot`` (share of values), ``bayer`` (whether), ``soften`` in pixels, ``jpeg`` (quality, 100 for none). What
            was not done stands there as 1, 0 or 100.
        """
        conditions = PRESETS[self.preset]
        drawn = draw_conditions(conditions, rng)
        if rng.random() < conditions.clean:
            return to_float(to_bytes(image)), {"exposure": 1.0}
        light = self._lit(image, drawn, rng, rng.random() < conditions.mixed)
        light = np.clip(light + sensor_noise(light, drawn, rng), 0, 1)
        picture = to_float(to_bytes(_encoded(light) if drawn["linear"] else light))
        if drawn["jpeg"] < 100:
            picture = camera_noise.jpeg(picture, int(drawn["jpeg"]))
        return picture, drawn

    @staticmethod
    def _lit(image: np.ndarray, drawn: dict[str, float], rng: np.random.Generator, mixed: bool) -> np.ndarray:
        """The picture before the sensor, float32 (3,H,W) in [0,1]."""
        light = to_linear(image).astype(np.float32) if drawn["linear"] else image
        if drawn["gamma"] != 1:
            light = light ** np.float32(drawn["gamma"])
        light = light * np.float32(drawn["exposure"])
        height, width = image.shape[1:]
        if drawn["uneven"]:
            light = light * camera_light.uneven_light(height, width, drawn["uneven"], rng)
        colour = camera_light.lamp_colour(drawn["temperature"], drawn["tint"])
        if drawn["temperature"] and mixed:
            other = camera_light.lamp_colour(-drawn["temperature"] * rng.uniform(0, 1), 0.0)
            light = light * camera_light.mixed_light(height, width, colour, other, rng)
        else:
            light = light * colour[:, None, None]
        light = np.clip(light, 0, 1)
        if drawn["motion"]:
            light = camera_light.motion_blur(light, drawn["motion"], rng.uniform(0, np.pi))
        return light


def draw_conditions(conditions: Conditions, rng: np.random.Generator) -> dict[str, float]:
    """Numbers of one picture, named as :class:`Night` returns them."""
    linear = rng.random() >= conditions.values
    curved = not linear and rng.random() < conditions.gamma_share
    # a gamma darkens by itself: what it leaves is multiplied by less
    exposure = _log_uniform(conditions.exposure if linear else conditions.ratio, rng) ** (0.5 if curved else 1.0)
    cast, quality = rng.random() < conditions.cast, round(rng.uniform(*conditions.quality))
    read = _log_uniform(conditions.read_noise, rng)
    return {
        "linear": bool(linear),
        "exposure": exposure,
        "gamma": _log_uniform(conditions.gamma, rng) if curved else 1.0,
        "uneven": float(rng.uniform(0.7, 3.0)) if rng.random() < conditions.uneven else 0.0,
        "temperature": float(rng.normal(0, 0.35)) if cast else 0.0,
        "tint": float(rng.normal(0, 0.08)) if cast else 0.0,
        "motion": float(rng.uniform(2, 7)) if rng.random() < conditions.motion else 0.0,
        "photons": _log_uniform(conditions.photons, rng),
        "read_noise": read,
        "row_noise": read * float(rng.uniform(0.1, 0.7)) if rng.random() < conditions.rows else 0.0,
        "hot": _log_uniform((1e-5, 1e-3), rng) if rng.random() < conditions.hot else 0.0,
        "bayer": bool(rng.random() < conditions.demosaic),
        "soften": float(rng.uniform(0.4, 0.9)) if rng.random() < conditions.soften else 0.0,
        "jpeg": float(quality) if rng.random() < conditions.jpeg else 100.0,
    }


def sensor_noise(light: np.ndarray, drawn: dict[str, float], rng: np.random.Generator) -> np.ndarray:
    """All noise of a picture (3,H,W) in [0,1], float32 of that shape, not clipped.

    Behind a Bayer pattern only the noise is interpolated, so that the picture keeps its detail.
    """
    seen = camera_noise.mosaic(light) if drawn["bayer"] else light
    noise = camera_noise.shot_noise(seen, drawn["photons"], rng)
    noise += rng.standard_normal(seen.shape, np.float32) * np.float32(drawn["read_noise"])
    if drawn["row_noise"]:
        noise += camera_noise.row_noise(seen.shape, drawn["row_noise"], rng)
    if drawn["hot"]:
        noise += camera_noise.hot_pixels(seen.shape, drawn["hot"], rng)
    if drawn["bayer"]:
        noise = camera_noise.demosaic(noise)
    return camera_noise.soften(noise, drawn["soften"]) if drawn["soften"] else noise


def _encoded(light: np.ndarray) -> np.ndarray:
    """Values of the file from linear light in [0,1], through the sRGB curve."""
    return from_linear(light).astype(np.float32)


def _log_uniform(interval: Range, rng: np.random.Generator) -> float:
    """A number whose logarithm is drawn evenly."""
    return float(np.exp(rng.uniform(np.log(interval[0]), np.log(interval[1]))))
