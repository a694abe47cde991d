"""A picture with all that its file holds, so that its enhanced form can be written as the same kind of file."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from lowface_core.data.bands import array_of, bands
from lowface_core.data.carried import Carried, carried_by
from lowface_core.data.colour_space import ColourSpace, colour_space
from lowface_core.data.decoding import allow, check_range, check_size, decoded, deep_grey, header_of, opened
from lowface_core.data.deep import read_deep
from lowface_core.data.depth import to_depth, to_float
from lowface_core.data.encoding import PROFILE_KINDS, on_white
from lowface_core.data.luma import luma, mean_luma
from lowface_core.data.optional_kinds import read_optional
from lowface_core.data.profiles import deep_to_srgb, describes, is_srgb, srgb_profile, to_srgb
from lowface_core.errors import DataError


@dataclass(frozen=True)
class Picture:
    """A picture as its file holds it, upright.

    Attributes:
        pixels: (3,H,W), RGB of sRGB: uint8 or uint16 where the file's values are that already, else float32 in [0,1].
            Transparent pictures are not laid on anything: these are the colours of each pixel, however little it shows.
        own: the file's values, (1,H,W) of a grey picture or (3,H,W): uint8, uint16, or float32 in [0,1].
        opacity: (H,W), of the same type.
        carried: what else the file carries; its profile is that of ``own``.
        space: what ``carried.profile`` describes; None where ``own`` is sRGB.
    """

    pixels: np.ndarray
    own: np.ndarray
    opacity: np.ndarray | None
    carried: Carried
    space: ColourSpace | None

    def brightness(self, pixels: np.ndarray) -> float:
        """Mean luma in [0,1] of pixels such as :attr:`pixels`, on white where they are transparent."""
        total, (height, width) = 0.0, pixels.shape[1:]
        for rows in bands(height, width):
            values = to_float(pixels[:, rows])
            if self.opacity is not None:
                values = on_white(values, to_float(self.opacity[rows]))
            total += mean_luma(values) * ((rows.stop - rows.start) / height)
        return total

    def for_storing(self) -> Picture:
        """The same with no more pixels than :meth:`as_stored` and :meth:`brightness` look at."""
        return (
            self if self.space else replace(self, pixels=self.pixels[:, :0, :0].copy(), own=self.own[:, :0, :0].copy())
        )

    def as_stored(self, pixels: np.ndarray, kind: str) -> tuple[np.ndarray, Carried]:
        """Pixels such as :attr:`pixels` in the form of this picture's file: its colours, depth and opacity.

        What the picture's own space holds beyond sRGB returns to its place unchanged, so that pixels which nothing has
        changed are those of the file.

        Args:
            kind: format of the new file, by its name in Pillow. One that keeps no such profile gets sRGB.

        Returns:
            pixels (C,H,W), uint8 or uint16, for :func:`lowface_core.data.encoding.encode`; and what goes with them.
        """
        carried = self.carried
        if carried.profile and not (kind in PROFILE_KINDS and (kind != "WEBP" or describes(carried.profile, "RGB"))):
            carried = replace(carried, profile=srgb_profile() if kind in PROFILE_KINDS else None)
        space = self.space if carried is self.carried else None
        depth = np.uint8 if self.own.dtype == np.uint8 else np.uint16
        if space is None and len(self.own) == 3 and self.opacity is None and pixels.dtype == depth:
            return pixels, carried
        height, width = pixels.shape[1:]
        # colour beside colour, as encoders take them
        stored = np.empty((height, width, len(self.own) + (self.opacity is not None)), depth).transpose(2, 0, 1)
        for rows in bands(height, width):
            colours = pixels[:, rows]
            if space is not None:
                beyond = to_float(self.own[:, rows]) - space.from_srgb(to_float(self.pixels[:, rows]))
                colours = space.from_srgb(to_float(colours)) + beyond
            if len(self.own) == 1:
                colours = luma(to_float(colours))
            stored[: len(self.own), rows] = to_depth(colours, depth) if colours.dtype.kind == "f" else colours
            if self.opacity is not None:
                stored[-1, rows] = to_depth(to_float(self.opacity[rows]), depth)
        return stored, carried


def read_picture(path: str | os.PathLike[str], content: bytes | None = None, max_pixels: int | None = None) -> Picture:
    """A picture file with all that it holds; where ``content`` is given, it is decoded, and ``path`` only names it.

    Grey stays grey; palettes become RGB, CMYK becomes RGB of sRGB. Colours of an embedded profile that consists of
    curves and primaries are converted at full depth and can go back; of one that consists of tables they stay sRGB.

    Args:
        max_pixels: a picture of more is refused; default: :data:`lowface_core.data.decoding.MAX_PIXELS`.

    Raises:
        DataError: as :func:`lowface_core.data.images.read_pixels`; also for files of several frames or pages.
    """
    path, check = Path(path), partial(check_size, most=max_pixels)
    if max_pixels is not None:
        allow(max_pixels)
    with opened(path, content) as file:
        found = read_optional(file, path, check)
        if found is not None:
            return _picture(*found)
        header = header_of(file)
        if header is None:
            return decoded(file, _of_pillow, before=_one_frame, check=check)
        check(*header.size)
        carried = Carried(header.profile)
        with contextlib.suppress(OSError, SyntaxError), Image.open(file) as picture:  # it opens not all of these
            _one_frame(picture)
            carried = carried_by(picture)
        file.seek(0)
        colours, opacity = read_deep(file, header)
        return _picture(colours[:1] if header.grey else colours, opacity, carried)


def _one_frame(picture: Image.Image) -> None:
    """Raises DataError for an animation or a file of several pages; small views of a page in a TIFF file are none."""
    count = getattr(picture, "n_frames", 1) if picture.format in ("AVIF", "PNG", "TIFF", "WEBP") else 1
    if picture.format == "TIFF":
        carried_by(picture)  # keeps what will be asked for when decoding has closed the file
    if picture.format == "TIFF" and count > 1:
        pages = 0
        for number in range(count):
            picture.seek(number)
            pages += not picture.tag_v2.get(254, 0) & 1  # type: ignore[attr-defined]
        picture.seek(0)
        count = pages
    if count > 1:
        raise DataError(
            f"holds {count} {'pages' if picture.format == 'TIFF' else 'frames'}; store each in a file of its own"
        )


def _of_pillow(upright: Image.Image, stored: Image.Image) -> Picture:
    carried, mode = carried_by(stored), upright.mode
    grey = deep_grey(upright)
    if grey is not None:
        return _picture(grey[None], None, carried)
    opacity = None
    if upright.has_transparency_data or mode in ("RGBa", "La"):
        plain = upright.convert({"RGBa": "RGBA", "La": "LA"}.get(mode, mode))
        upright = plain.convert("LA" if mode in ("L", "LA", "La") else "RGBA")
        opacity = array_of(upright.getchannel("A"))
    if mode == "CMYK":
        upright = to_srgb(upright, carried.profile)
        carried = replace(carried, profile=carried.profile and srgb_profile())
    form = "L" if mode in ("1", "L", "LA", "La") else "RGB"
    pixels = array_of(upright if upright.mode == form else upright.convert(form))  # converting to the same copies
    colours = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
    return _picture(colours, opacity, carried)


def _picture(own: np.ndarray, opacity: np.ndarray | None, carried: Carried) -> Picture:
    check_range(own)
    pixels, profile, space = np.broadcast_to(own, (3, *own.shape[1:])), carried.profile, None
    if profile:
        modes = [mode for mode in (("L", "RGB") if len(own) == 1 else ("RGB",)) if describes(profile, mode)]
        if not modes:  # broken, or of another kind, so that the values are taken to be sRGB
            carried = replace(carried, profile=srgb_profile())
        elif not is_srgb(profile, modes[0]):
            space = colour_space(profile, srgb_profile())
            pixels = deep_to_srgb(to_float(pixels), profile) if space is None else space.to_srgb(to_float(pixels))
            if space is None:
                own, carried = to_depth(pixels, own.dtype), replace(carried, profile=srgb_profile())
    return Picture(pixels, own, opacity, carried, space)
