"""A layer of the picture in canonical coordinates: premultiplied colour, coverage and labels."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lowface_core.data.keyed_rng import keyed_rng

Points = NDArray[np.float64]  # an outline or a path (n,2), canonical where nothing else is said
Array = NDArray[Any]  # float32 where nothing else is said; OpenCV's declarations do not say as much
EXTENT = 1.3  # a canvas covers [-EXTENT, EXTENT] in both directions
NOTHING = 255  # label of what a layer leaves open
_SHIFT = 4


@functools.lru_cache(maxsize=8)
def noise_tile(sigma: float, side: int = 256) -> Array:
    """A fixed tile of seamless noise, mean 0 and deviation 1, smoothed with ``sigma`` tile pixels."""
    tile: Array = keyed_rng(20240607).standard_normal((side, side), np.float32)
    wrapped = cv2.copyMakeBorder(tile, 32, 32, 32, 32, cv2.BORDER_WRAP)
    tile = cv2.GaussianBlur(wrapped, (0, 0), sigma)[32:-32, 32:-32]
    tile = tile - tile.mean()
    return (tile / tile.std()).astype(np.float32)


def sample_noise(x: Array, y: Array, sigma: float) -> Array:
    """Noise at tile coordinates, repeated without a seam; for skin, hair strands and cloth."""
    return cv2.remap(
        noise_tile(sigma), x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP
    )


def spline(points: Points | list[tuple[float, float]], closed: bool = False, steps: int = 6) -> Points:
    """A Catmull-Rom curve through points (n,2); the polygon that draws it."""
    knots = np.asarray(points, np.float64)
    if closed:
        padded = np.concatenate([knots[-1:], knots, knots[:2]])
    else:
        padded = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    p0, p1, p2, p3 = (padded[k : len(padded) - 3 + k, None] for k in range(4))
    t = (np.arange(steps) / steps)[None, :, None]
    curve = 0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3)
    curve = curve.reshape(-1, 2)
    return curve if closed else np.concatenate([curve, knots[-1:]])


def ribbon(path: Points, width: Points | float) -> Points:
    """The outline of a stroke along a path (n,2) with the given full widths."""
    tangent = np.gradient(path, axis=0)
    tangent /= np.maximum(np.hypot(tangent[:, 0], tangent[:, 1])[:, None], 1e-9)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1) * (np.broadcast_to(width, len(path))[:, None] / 2)
    return np.concatenate([path + normal, (path - normal)[::-1]])


def ellipse(x: float, y: float, rx: float, ry: float, steps: int = 28) -> Points:
    """The outline of an upright ellipse."""
    angle = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    return np.stack([x + rx * np.cos(angle), y + ry * np.sin(angle)], 1)


def mirrored(half: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A symmetric outline from its half: these points, then their mirror images from the last to the first."""
    return [*half, *((-x, y) for x, y in reversed(half) if x)]


class Canvas:
    """One layer.

    Attributes:
        rgba: (side, side, 4) float32, colour times coverage, and coverage.
        label: (side, side) uint8 classes, :data:`NOTHING` where the layer is open.
    """

    def __init__(self, side: int) -> None:
        self.side = side
        self.unit = side / (2 * EXTENT)
        self.rgba = np.zeros((side, side, 4), np.float32)
        self.label = np.full((side, side), NOTHING, np.uint8)

    def axis(self, side: int | None = None) -> Array:
        """Canonical coordinates of the pixel centres along one axis (of a grid with ``side`` cells)."""
        side = side or self.side
        return (((np.arange(side) + 0.5) / side * 2 - 1) * EXTENT).astype(np.float32)

    def _pixels(self, points: Points) -> Points:
        return (points + EXTENT) * self.unit - 0.5

    def mask(self, points: Points, blur: float = 0.0) -> tuple[Array, tuple[slice, slice]] | None:
        """Coverage of a polygon (n,2) in [0,1] within the window that holds it, or None when it is off the canvas.

        ``blur`` is the deviation of a Gaussian that softens the edge, canonical like the points.
        """
        pixels = self._pixels(points)
        sigma = blur * self.unit
        margin = 2 + int(2.5 * sigma)
        x0, y0 = np.maximum(np.floor(pixels.min(0)).astype(int) - margin, 0)
        x1, y1 = np.minimum(np.ceil(pixels.max(0)).astype(int) + margin + 1, self.side)
        if x1 <= x0 or y1 <= y0:
            return None
        drawn = np.zeros((y1 - y0, x1 - x0), np.uint8)
        cv2.fillPoly(drawn, [self._fixed(pixels - (x0, y0))], 255, cv2.LINE_AA, _SHIFT)
        soft = drawn.astype(np.float32) * np.float32(1 / 255)
        if sigma > 0.4:
            soft = cv2.GaussianBlur(soft, (0, 0), sigma)
        return soft, (slice(y0, y1), slice(x0, x1))

    @staticmethod
    def _fixed(pixels: Points) -> NDArray[np.int32]:
        return np.round(pixels * (1 << _SHIFT)).astype(np.int32)

    def coverage(self, points: Points, blur: float = 0.0) -> Array:
        """:meth:`mask` on the whole canvas."""
        whole = np.zeros((self.side, self.side), np.float32)
        found = self.mask(points, blur)
        if found is not None:
            whole[found[1]] = found[0]
        return whole

    def fill(
        self,
        points: Points,
        colour: Array,
        alpha: float = 1.0,
        blur: float = 0.0,
        label: int | None = None,
        clip: Array | None = None,
    ) -> None:
        """Paint a polygon (n,2), canonical like its edge's softness ``blur``, over what is there.

        The colour is RGB (3,) or a picture (side, side, 3); ``label`` is the class to write under the (hard) polygon,
        ``clip`` a coverage (side, side) that limits the paint and the label.
        """
        found = self.mask(points, blur)
        if found is None:
            return
        mask, window = found
        if clip is not None:
            mask = mask * clip[window]
        self._over(window, mask * np.float32(alpha), colour)
        if label is not None:
            self.mark(points, label, clip)

    def _over(self, window: tuple[slice, slice], mask: Array, colour: Array) -> None:
        target = self.rgba[window]
        if colour.ndim == 1:
            source = np.append(colour, 1).astype(np.float32)
            target += (source - target) * mask[..., None]
        else:
            target[..., :3] += (colour[window] - target[..., :3]) * mask[..., None]
            target[..., 3] += (1 - target[..., 3]) * mask

    def stroke(
        self,
        path: Points,
        width: Points | float,
        colour: Array,
        alpha: float = 1.0,
        blur: float = 0.0,
        clip: Array | None = None,
    ) -> None:
        """Paint a line of varying width; one thinner than a pixel fades instead of growing."""
        thickest = float(np.max(width)) * self.unit
        self.fill(ribbon(path, width), colour, alpha * min(1.0, 0.25 + 0.75 * thickest), blur, clip=clip)

    def mark(self, points: Points, label: int, clip: Array | None = None) -> None:
        """Write a class under a polygon (where ``clip`` is at least a half)."""
        fixed = self._fixed(self._pixels(points))
        if clip is None:
            cv2.fillPoly(self.label, [fixed], label, cv2.LINE_8, _SHIFT)
            return
        drawn = np.zeros_like(self.label)
        cv2.fillPoly(drawn, [fixed], 1, cv2.LINE_8, _SHIFT)
        self.label[(drawn > 0) & (clip >= 0.5)] = label
