"""Places made of textures: one or two of them, in light and shade, in or out of focus."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lowface_core.data.depth import to_bytes
from lowface_core.data.keyed_rng import keyed_rng
from lowface_data.rendered.canvas import Array
from lowface_data.rendered.textures import any_colour, cloud, dead_leaves, foliage, lamps, weave, writing

#: Changes whenever the same arguments give other pixels; part of a data set's fingerprint.
PLACES_VERSION = 1
_KINDS = (dead_leaves, foliage, weave, writing, lamps)
_SHARES = (0.4, 0.15, 0.15, 0.15, 0.15)


def draw_place(number: int, side: int, seed: int = 0) -> NDArray[np.uint8]:
    """A place, RGB (side, side, 3), the same for the same arguments.

    Args:
        number: which one; at least 0.
        side: height and width in pixels.
        seed: which world; at least 0.
    """
    rng = keyed_rng(seed, "place", number)
    picture = _texture(rng, side)
    if rng.random() < 0.5:  # a second one behind an edge
        edge = cloud(rng, side, 1.8) * rng.uniform(0.0, 0.4) + _ramp(rng, side)
        share = np.clip(edge * side / 4 + 0.5, 0, 1)[..., None]
        picture = picture * share + _texture(rng, side) * (1 - share)
    if rng.random() < 0.6:  # shade
        picture = picture * np.exp(rng.uniform(0.1, 0.5) * cloud(rng, side, 1.6))[..., None]
    if rng.random() < 0.3:  # grain of plaster, asphalt, bark
        picture = picture * (1 + rng.uniform(0.02, 0.12) * cloud(rng, side, rng.uniform(0.2, 0.9)))[..., None]
    blur = rng.uniform(0.8, side / 80 + 1) if rng.random() < 0.25 else rng.uniform(0.3, 0.6)
    return to_bytes(cv2.GaussianBlur(picture.astype(np.float32), (0, 0), blur))


def _texture(rng: np.random.Generator, side: int) -> Array:
    """A texture, sometimes enlarged, so that the same kinds come at several scales."""
    kind = _KINDS[int(rng.choice(len(_KINDS), p=_SHARES))]
    scale = float(np.exp(rng.uniform(0, np.log(2.5)))) if rng.random() < 0.4 else 1.0
    drawn = kind(rng, max(int(side / scale), 16))
    if rng.random() < 0.3:  # everything in one light
        drawn = drawn * (0.5 + any_colour(rng))
    return cv2.resize(np.clip(drawn, 0, 1), (side, side), interpolation=cv2.INTER_CUBIC)


def _ramp(rng: np.random.Generator, side: int) -> Array:
    """A plane that crosses 0 somewhere in the middle, (side, side)."""
    angle, axis = rng.uniform(0, 2 * np.pi), np.linspace(-1, 1, side, dtype=np.float32)
    return np.cos(angle) * axis[None] + np.sin(angle) * axis[:, None] + np.float32(rng.uniform(-0.4, 0.4))
