"""Other colours for a picture in normal light, so that an enhancer learns colours rather than guesses them."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from lowface_core.data.colour_space import from_linear, to_linear
from lowface_data.degradations.camera_light import LUMA

_LUMA = LUMA.astype(np.float32)


def turn_hue(degrees: float, saturation: float) -> np.ndarray:
    """The matrix (3,3) that turns hue about the axis of greys and multiplies saturation; brightness and grey stay."""
    grey = np.ones(3) / np.sqrt(3)
    angle = np.radians(degrees)
    cross = np.cross(np.eye(3), grey)
    about = np.eye(3) * np.cos(angle) + np.sin(angle) * cross + (1 - np.cos(angle)) * np.outer(grey, grey)
    keep = np.outer(np.ones(3), LUMA)
    # the turned picture's brightness is taken out and the old one's put back
    return (keep + saturation * (np.eye(3) - keep) @ about).astype(np.float32)


def recolour(image: np.ndarray, degrees: float, saturation: float) -> np.ndarray:
    """A picture (3,H,W) in [0,1] with its hue turned and its saturation multiplied, clipped."""
    return np.clip(np.tensordot(turn_hue(degrees, saturation), image, 1), 0, 1).astype(np.float32)


def expose(image: np.ndarray, stops: float) -> np.ndarray:
    """A picture (3,H,W) in [0,1] taken with another exposure: 2 to the power of ``stops`` in linear light, clipped."""
    light = to_linear(image) * 2.0**stops
    return from_linear(np.clip(light, 0, 1)).astype(np.float32)


def colour_places(image: np.ndarray, mask: np.ndarray, colour: np.ndarray, strength: float) -> np.ndarray:
    """A picture (3,H,W) that has a strong colour (3,) where the mask (H,W) is 1; brightness stays, up to clipping.

    Args:
        strength: 1 leaves nothing of the old colour there.
    """
    luma = np.tensordot(_LUMA, image, 1)[None]
    coloured = luma * (colour / max(float(_LUMA @ colour), 0.05))[:, None, None]
    share = strength * mask[None]
    return np.clip(image * (1 - share) + coloured * share, 0, 1).astype(np.float32)


def strong_colour(rng: np.random.Generator) -> np.ndarray:
    """A saturated colour of any hue, float32 (3,)."""
    hsv = np.array([[[rng.uniform(0, 360), rng.uniform(0.7, 1.0), rng.uniform(0.5, 1.0)]]], np.float32)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0]


def surroundings(sample: dict[str, Any], rng: np.random.Generator) -> np.ndarray:
    """Where a sample shows no face, float32 (H,W) from 0 to 1 with soft edges.

    By ``labels`` where there are any, else by ``box`` or ``landmarks``; of a sample with none of these, a random half.
    """
    height, width = sample["normal"].shape[1:]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    if "labels" in sample:
        mask = (sample["labels"] == 0).astype(np.float32)
    elif "box" in sample or "landmarks" in sample:
        points = sample["box"].reshape(2, 2) if "box" in sample else sample["landmarks"]
        middle, half = (points.max(0) + points.min(0)) / 2, np.maximum(points.max(0) - points.min(0), 2) / 2
        reach = 1.2 if "box" in sample else 2.6  # landmarks leave out forehead, cheeks and chin
        mask = (np.hypot((x - middle[0]) / half[0], (y - middle[1]) / half[1]) > reach).astype(np.float32)
    else:
        angle = rng.uniform(0, 2 * np.pi)
        mask = (np.cos(angle) * (x - width / 2) + np.sin(angle) * (y - height / 2) > 0).astype(np.float32)
    return cv2.GaussianBlur(mask, (0, 0), max(min(height, width) / 100, 0.6))
