"""The curve of sRGB, and other colour spaces that become it: embedded ICC profiles, in eight bits and in full depth."""

from __future__ import annotations

import functools
import io
import struct
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageCms

#: Difference in levels of 255 up to which a profile counts as sRGB and colours stay as they are: makers round.
SAME = 2
# A profile's colour space → the modes whose pictures it can describe.
_MODES = {"RGB": ("RGB",), "GRAY": ("L",), "CMYK": ("CMYK",)}


@functools.cache
def srgb_profile() -> bytes:
    """The profile of sRGB, the same bytes every time."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile[:24] + struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + profile[36:]  # in place of the present time


def to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """A picture of mode L, RGB or CMYK in sRGB, mode RGB.

    Args:
        profile: the embedded ICC profile. Without one, or with one that is broken, of another colour space or sRGB
            itself, grey and RGB pictures keep their values, and CMYK is converted as Pillow does.
    """
    transform = _transform(profile, picture.mode) if profile else None
    if transform is None and picture.mode == "L":  # a grey picture may come with the profile of its colour original
        return to_srgb(picture.convert("RGB"), profile)
    return picture.convert("RGB") if transform is None else transform.apply(picture)


def deep_to_srgb(image: np.ndarray, profile: bytes | None) -> np.ndarray:
    """The same for values of more than eight bits, float32 (3,H,W) in [0,1]; grey is three equal channels.

    Profiles that consist of curves and primaries, as those of cameras, screens and working spaces do, are applied in
    full depth; one that consists of tables through the nearest of 256 levels. Colours outside sRGB are clipped.
    """
    if not profile or (_transform(profile, "RGB") is None and _transform(profile, "L") is None):
        return image
    tags = _tags(profile)
    if "A2B0" not in tags and "kTRC" in tags:
        return from_linear(_curve(tags["kTRC"])(image)).astype(np.float32)
    if "A2B0" not in tags and {"rXYZ", "gXYZ", "bXYZ", "rTRC", "gTRC", "bTRC"} <= set(tags):
        light = np.stack([_curve(tags[f"{name}TRC"])(plane) for name, plane in zip("rgb", image, strict=True)])
        light = np.tensordot(np.linalg.inv(_primaries(_tags(srgb_profile()))) @ _primaries(tags), light, 1)
        return from_linear(np.clip(light, 0, 1)).astype(np.float32)
    levels = Image.fromarray(np.ascontiguousarray(np.rint(image.transpose(1, 2, 0) * 255).astype(np.uint8)))
    return np.asarray(to_srgb(levels, profile)).transpose(2, 0, 1).astype(np.float32) / np.float32(255)


def to_linear(image: np.ndarray) -> np.ndarray:
    """sRGB values in [0,1] → linear light (IEC 61966-2-1)."""
    return np.where(image <= 0.04045, image / 12.92, ((image + 0.055) / 1.055) ** 2.4)


def from_linear(light: np.ndarray) -> np.ndarray:
    """Linear light in [0,1] → sRGB values; the inverse of :func:`to_linear`."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


@functools.lru_cache(maxsize=64)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """What turns a picture into sRGB; None where nothing needs to be done, or nothing can."""
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if mode not in _MODES.get(own.profile.xcolor_space.strip(), ()):
            return None
        transform = ImageCms.buildTransform(own, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    if mode == "CMYK":
        return transform
    steps = np.arange(0, 256, 15, dtype=np.uint8)
    grid = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(1, -1, 3)
    probe = Image.fromarray(grid if mode == "RGB" else grid[..., 0])
    moved = np.asarray(transform.apply(probe), np.int16)
    return None if np.abs(moved - np.asarray(probe.convert("RGB"))).max() <= SAME else transform


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


def _curve(tag: bytes) -> Callable[[np.ndarray], np.ndarray]:
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
