"""Embedded ICC profiles: what they describe, and how the colours of other spaces become those of sRGB."""

from __future__ import annotations

import functools
import io
import struct

import numpy as np
from PIL import Image, ImageCms

from lowface_core.data.colour_space import colour_space

#: Difference in levels of 255 up to which a profile counts as sRGB and colours stay as they are: makers round.
SAME = 2
# A profile's colour space → the modes whose pictures it can describe.
_MODES = {"RGB": ("RGB",), "GRAY": ("L",), "CMYK": ("CMYK",)}


@functools.cache
def srgb_profile() -> bytes:
    """The profile of sRGB, the same bytes every time."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile[:24] + struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + profile[36:]  # in place of the present time


def describes(profile: bytes, mode: str) -> bool:
    """Whether a profile is one of pictures of mode L, RGB or CMYK; a broken one is of none."""
    try:
        return mode in _MODES.get(ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space.strip(), ())
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return False


def is_srgb(profile: bytes, mode: str) -> bool:
    """Whether a profile that :func:`describes` pictures of mode L or RGB leaves their values to be sRGB as they are."""
    return _transform(profile, mode) is None


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
    space = colour_space(profile, srgb_profile())
    if space is not None:
        return space.to_srgb(image)
    levels = Image.fromarray(np.ascontiguousarray(np.rint(image.transpose(1, 2, 0) * 255).astype(np.uint8)))
    return np.asarray(to_srgb(levels, profile)).transpose(2, 0, 1).astype(np.float32) / np.float32(255)


@functools.lru_cache(maxsize=64)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """What turns a picture into sRGB; None where nothing needs to be done, or nothing can."""
    if not describes(profile, mode):
        return None
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
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
