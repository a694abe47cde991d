"""Light before it reaches a sensor: how much of it, from where, of which colour, and how the camera moved."""

from __future__ import annotations

import cv2
import numpy as np

#: Share of red, green and blue in brightness (ITU-R BT.601).
LUMA = np.array([0.299, 0.587, 0.114])


def lamp_colour(temperature: float, tint: float) -> np.ndarray:
    """What a lamp multiplies red, green and blue by, float32 (3,), at a brightness of 1.

    Args:
        temperature: logarithm of red over blue; above 0 is warm.
        tint: logarithm of green over the mean of the others; above 0 is green, as of fluorescent lamps.
    """
    gains = np.exp([temperature / 2 - tint / 2, tint / 2, -temperature / 2 - tint / 2])
    return (gains / (LUMA @ gains)).astype(np.float32)


def lamp(height: int, width: int, depth: float, rng: np.random.Generator) -> np.ndarray:
    """Light of a lamp in or beside the picture, float32 (H,W): falls with the square of the distance.

    Args:
        depth: the darkest place has about 1/(1 + depth²) of the brightest one's light.
    """
    y, x = _axes(height, width)
    far_x, far_y = (rng.uniform(-0.2, 1.2) for _ in range(2))
    square = (x - far_x) ** 2 + (y - far_y) ** 2
    return 1 / (1 + depth**2 * (square - square.min()) / max(float(np.ptp(square)), 1e-6))


def side_light(height: int, width: int, depth: float, rng: np.random.Generator) -> np.ndarray:
    """Light that grows evenly across the picture, float32 (H,W), from 1/(1 + depth²) to 1."""
    y, x = _axes(height, width)
    angle = rng.uniform(0, 2 * np.pi)
    along = np.cos(angle) * x + np.sin(angle) * y
    share = (along - along.min()) / max(float(np.ptp(along)), 1e-6)
    return (share + (1 - share) / (1 + depth**2)).astype(np.float32)


def backlight(height: int, width: int, depth: float, rng: np.random.Generator) -> np.ndarray:
    """A window or lit sign with a soft edge before a dark room, float32 (H,W): 1 inside, 1/(1 + depth²) outside."""
    y, x = _axes(height, width)
    middle, half = rng.uniform(0, 1, 2), rng.uniform(0.08, 0.3, 2)
    distance = np.maximum(np.abs(x - middle[0]) / half[0], np.abs(y - middle[1]) / half[1])
    inside = 1 / (1 + np.exp(np.clip((distance - 1) / rng.uniform(0.02, 0.15), -60, 60)))
    return (inside + (1 - inside) / (1 + depth**2)).astype(np.float32)


def uneven_light(height: int, width: int, depth: float, rng: np.random.Generator) -> np.ndarray:
    """One of the three above, float32 (H,W), divided by its geometric mean."""
    field = (lamp, side_light, backlight)[int(rng.integers(3))](height, width, depth, rng)
    return (field / np.exp(np.log(field).mean())).astype(np.float32)


def mixed_light(height: int, width: int, one: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Two lamps' colours (3,) that go over into each other across the picture, float32 (3,H,W)."""
    share = side_light(height, width, 10.0, rng)[None]
    return one[:, None, None] * share + other[:, None, None] * (1 - share)


def motion_blur(image: np.ndarray, length: float, angle: float) -> np.ndarray:
    """The mean along a straight path of the camera; keeps the mean of a picture (3,H,W).

    Args:
        length: of the path in pixels.
        angle: of the path in radians.
    """
    side = 2 * int(np.ceil(length / 2)) + 1
    kernel, middle = np.zeros((side, side), np.float32), side // 2
    steps = np.linspace(-length / 2, length / 2, 4 * side)
    for x, y in zip(middle + steps * np.cos(angle), middle + steps * np.sin(angle), strict=True):
        left, top = int(np.floor(x)), int(np.floor(y))
        for column, row, share in _corners(left, top, x - left, y - top):
            kernel[min(row, side - 1), min(column, side - 1)] += share
    moved = cv2.filter2D(image.transpose(1, 2, 0), -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)
    return np.ascontiguousarray(moved.transpose(2, 0, 1))


def _corners(left: int, top: int, x: float, y: float) -> list[tuple[int, int, float]]:
    """The four pixels around a point and their shares of it."""
    return [
        (left, top, (1 - x) * (1 - y)),
        (left + 1, top, x * (1 - y)),
        (left, top + 1, (1 - x) * y),
        (left + 1, top + 1, x * y),
    ]


def _axes(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of the pixels from 0 to 1: y (H,1), x (1,W)."""
    return np.linspace(0, 1, height, dtype=np.float32)[:, None], np.linspace(0, 1, width, dtype=np.float32)[None]
