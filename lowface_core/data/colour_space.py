"""The colours of a picture's own ICC profile, at full depth, to sRGB and back."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Curve = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class ColourSpace:
    """A space that consists of curves and primaries, as those of cameras, screens and working spaces do.

    Attributes:
        curves: from values to light, one each for red, green and blue, or one for all.
        matrix: (3,3), from its light to that of sRGB; None of a grey scale.
    """

    curves: tuple[Curve, ...]
    matrix: np.ndarray | None

    def to_srgb(self, image: np.ndarray) -> np.ndarray:
        """Values (3,H,W) in [0,1] as float32 of sRGB; colours outside of it are clipped."""
        light = _by_plane(self.curves, image)
        if self.matrix is not None:
            light = np.tensordot(self.matrix, light, 1)
        return from_linear(np.clip(light, 0, 1)).astype(np.float32)

    def from_srgb(self, image: np.ndarray) -> np.ndarray:
        """The inverse of :meth:`to_srgb`, as float64; colours outside this space are clipped."""
        light = to_linear(image)
        if self.matrix is not None:
            light = np.tensordot(np.linalg.inv(self.matrix), light, 1)
        return _by_plane([_inverse(curve) for curve in self.curves], np.clip(light, 0, 1))


def colour_space(profile: bytes, srgb: bytes) -> ColourSpace | None:
    """The space that an ICC profile describes; None where it consists of tables.

    Args:
        srgb: the profile of sRGB, whose primaries the light comes to.

    Raises:
        struct.error: the profile is broken.
    """
    tags = _tags(profile)
    if "A2B0" in tags:
        return None
    if "kTRC" in tags:
        return ColourSpace((_curve(tags["kTRC"]),), None)
    if {"rXYZ", "gXYZ", "bXYZ", "rTRC", "gTRC", "bTRC"} <= set(tags):
        matrix = np.linalg.inv(_primaries(_tags(srgb))) @ _primaries(tags)
        return ColourSpace(tuple(_curve(tags[f"{name}TRC"]) for name in "rgb"), matrix)
    return None


def to_linear(image: np.ndarray) -> np.ndarray:
    """sRGB values in [0,1] → linear light (IEC 61966-2-1)."""
    return np.where(image <= 0.04045, image / 12.92, ((image + 0.055) / 1.055) ** 2.4)


def from_linear(light: np.ndarray) -> np.ndarray:
    """Linear light in [0,1] → sRGB values; the inverse of :func:`to_linear`."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


def _by_plane(curves: tuple[Curve, ...] | list[Curve], image: np.ndarray) -> np.ndarray:
    if len(curves) == 1:
        return curves[0](image)
    return np.stack([curve(plane) for curve, plane in zip(curves, image, strict=True)])


def _inverse(curve: Curve) -> Curve:
    """From light to values, by the light of all levels of 16 bits."""
    values = np.linspace(0, 1, 65536)
    light = np.maximum.accumulate(curve(values))  # interpolation needs a curve that never falls, as none should
    return lambda wanted: np.interp(wanted, light, values)


def _tags(profile: bytes) -> dict[str, bytes]:
    """Contents of a profile by name (ICC.1:2022, section 7.3)."""
    (count,) = struct.unpack_from(">I", profile, 128)
    entries = (struct.unpack_from(">4sII", profile, 132 + 12 * number) for number in range(min(count, 100)))
    return {name.decode("latin-1"): profile[start : start + size] for name, start, size in entries}


def _fixed(tag: bytes, offset: int, count: int) -> list[float]:
    """Numbers of sixteen bits before and sixteen after the point."""
    return [value / 65536 for value in struct.unpack_from(f">{count}i", tag, offset)]


def _primaries(tags: dict[str, bytes]) -> np.ndarray:
    """XYZ of full red, green and blue, (3,3), one a column."""
    return np.array([_fixed(tags[f"{name}XYZ"], 8, 3) for name in "rgb"]).T


def _curve(tag: bytes) -> Curve:
    """From values to light (``curveType`` and ``parametricCurveType``, sections 10.6 and 10.18)."""
    if tag[:4] == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        if count == 0:
            return lambda values: values
        points = np.frombuffer(tag, ">u2", count, 12)
        if count == 1:
            return lambda values: values ** (points[0] / 256)
        return lambda values: np.interp(values, np.linspace(0, 1, count), points / 65535)
    kind = struct.unpack_from(">H", tag, 8)[0]
    g, a, b, c, d, e, f = [*_fixed(tag, 12, (1, 3, 4, 5, 7)[kind]), *(0.0,) * 6][:7]
    if kind == 0:
        return lambda values: values**g
    if kind in (1, 2):  # 0, or c, below −b/a
        c, d, e, f = 0.0, -b / a, c, c
    return lambda values: np.where(values >= d, np.maximum(a * values + b, 0) ** g + e, c * values + f)
