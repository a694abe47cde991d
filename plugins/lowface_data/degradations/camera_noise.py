"""Noise of a sensor that gets little light, each kind on its own: pictures (C,H,W) in, noise of that shape out."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image

from lowface_core.data.depth import to_bytes, to_float

#: Distances to neighbours of the same colour on a Bayer pattern: red and blue, and green.
_RED_BLUE = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]], np.float32) / 4
_GREEN = np.array([[0, 1, 0], [1, 4, 1], [0, 1, 0]], np.float32) / 4


def shot_noise(light: np.ndarray, photons: float, rng: np.random.Generator) -> np.ndarray:
    """Counting noise: its variance is ``light / photons``, where ``photons`` are counted at full scale."""
    return (rng.poisson(light * photons) / photons - light).astype(np.float32)


def row_noise(shape: tuple[int, ...], std: float, rng: np.random.Generator) -> np.ndarray:
    """Rows that are read a little too bright or dark: one normal number a row, the same for all columns and colours."""
    rows = rng.standard_normal((shape[-2], 1), np.float32) * np.float32(std)
    return np.broadcast_to(rows, shape).copy()


def hot_pixels(shape: tuple[int, ...], share: float, rng: np.random.Generator) -> np.ndarray:
    """Pixels that leak: ``share`` of all values are raised, by 0.02 to 1 (log-uniform); the others are 0."""
    hot = np.zeros(shape, np.float32)
    count = rng.binomial(hot.size, share)
    places = rng.integers(0, hot.size, count)
    hot.reshape(-1)[places] = np.exp(rng.uniform(np.log(0.02), 0, count))
    return hot


def mosaic(image: np.ndarray) -> np.ndarray:
    """What a sensor with the Bayer pattern RGGB sees of a picture (3,H,W): one colour a pixel, (1,H,W)."""
    seen = image[1:2].copy()
    seen[:, ::2, ::2], seen[:, 1::2, 1::2] = image[0:1, ::2, ::2], image[2:3, 1::2, 1::2]
    return seen


def demosaic(seen: np.ndarray) -> np.ndarray:
    """The three colours (3,H,W) of a Bayer picture (1,H,W) by bilinear interpolation.

    A pixel's own colour stays; a missing one is the mean of its two or four nearest neighbours, so that noise becomes
    correlated between neighbours and smaller in between.
    """
    red, green, blue = (np.zeros(seen.shape[1:], np.float32) for _ in range(3))
    red[::2, ::2], blue[1::2, 1::2] = seen[0, ::2, ::2], seen[0, 1::2, 1::2]
    green[::2, 1::2], green[1::2, ::2] = seen[0, ::2, 1::2], seen[0, 1::2, ::2]
    planes = ((red, _RED_BLUE), (green, _GREEN), (blue, _RED_BLUE))
    # mirrored without repeating the edge, which keeps the pattern's parity
    return np.stack([cv2.filter2D(plane, -1, kernel, borderType=cv2.BORDER_REFLECT_101) for plane, kernel in planes])


def soften(noise: np.ndarray, sigma: float) -> np.ndarray:
    """Noise (C,H,W) after a camera's own smoothing: correlated over ``sigma`` pixels, and smaller."""
    return np.stack([cv2.GaussianBlur(plane, (0, 0), sigma) for plane in noise])


def jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    """A picture (3,H,W) in [0,1] as a JPEG file of this quality keeps it."""
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(to_bytes(image).transpose(1, 2, 0))).save(file, "JPEG", quality=quality)
    with Image.open(file) as stored:
        return to_float(np.ascontiguousarray(np.asarray(stored).transpose(2, 0, 1)))
