"""Colours of skin, hair, irises, lips and cloth, as RGB triples in [0,1]."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = NDArray[np.float32]

# CIE Lab along human skin, from very light to very dark: lightness falls, chroma peaks in the middle.
_SKIN_LAB = np.array([[83.0, 9.0, 14.0], [76.0, 11.0, 18.0], [68.0, 13.0, 22.0],
    [58.0, 14.5, 24.0], [46.0, 14.0, 22.0], [35.0, 11.0, 16.0]])  # fmt: skip
SKIN_BINS = len(_SKIN_LAB)

_HAIR_RGB = {
    "black": (0.085, 0.075, 0.075),
    "dark brown": (0.19, 0.125, 0.09),
    "brown": (0.33, 0.215, 0.14),
    "chestnut": (0.43, 0.245, 0.14),
    "red": (0.62, 0.28, 0.12),
    "dark blond": (0.57, 0.43, 0.27),
    "blond": (0.80, 0.66, 0.43),
    "grey": (0.50, 0.49, 0.48),
    "white": (0.82, 0.81, 0.79),
}
_IRIS_RGB = {
    "dark brown": (0.17, 0.09, 0.05),
    "brown": (0.33, 0.18, 0.09),
    "hazel": (0.43, 0.33, 0.14),
    "green": (0.31, 0.44, 0.28),
    "blue": (0.29, 0.48, 0.68),
    "grey": (0.46, 0.53, 0.56),
}
HAIR_COLOURS, IRIS_COLOURS = tuple(_HAIR_RGB), tuple(_IRIS_RGB)


def rgb(*values: float) -> Colour:
    """A colour from three numbers."""
    return np.array(values, np.float32)


def lab(lightness: float, a: float, b: float) -> Colour:
    """The RGB colour of a CIE Lab triple, clipped to the gamut."""
    pixel = np.array([[[lightness, a, b]]], np.float32)
    return np.clip(cv2.cvtColor(pixel, cv2.COLOR_Lab2RGB)[0, 0], 0.0, 1.0)


def skin(tone: float, undertone: float = 0.0) -> Colour:
    """Skin of a tone in [0,1] (0 = lightest); a positive undertone is yellower, a negative one pinker."""
    at = tone * (SKIN_BINS - 1)
    values = [float(np.interp(at, np.arange(SKIN_BINS), _SKIN_LAB[:, k])) for k in range(3)]
    return lab(values[0], values[1] - 2.5 * undertone, values[2] + 3.5 * undertone)


def hair(index: int, jitter: NDArray[np.float64]) -> Colour:
    """Hair colour ``HAIR_COLOURS[index]`` with a small lightness and hue jitter (three normal draws)."""
    colour = np.array(_HAIR_RGB[HAIR_COLOURS[index]]) * (1 + 0.12 * jitter[0]) * (1 + 0.04 * jitter)
    return np.clip(colour, 0.03, 0.95).astype(np.float32)


def iris(index: int, jitter: NDArray[np.float64]) -> Colour:
    """Iris colour ``IRIS_COLOURS[index]`` with a small jitter (three normal draws)."""
    return np.clip(np.array(_IRIS_RGB[IRIS_COLOURS[index]]) * (1 + 0.08 * jitter), 0.03, 0.9).astype(np.float32)


def cloth(rng: np.random.Generator) -> Colour:
    """A garment's colour: any hue, mostly muted."""
    angle = rng.uniform(0, 2 * np.pi)
    chroma = 34 * rng.beta(1.2, 1.8)
    return lab(rng.uniform(18, 85), chroma * np.cos(angle), chroma * np.sin(angle))
