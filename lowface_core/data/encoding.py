"""Pixels and what goes with them as files of each format."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from lowface_core.data.carried import Carried, png_chunks, save_options, tiff_tags
from lowface_core.data.depth import FULL, to_bytes, to_float

#: Formats, as Pillow calls them, that are written with 16 bits a channel.
DEEP_KINDS = ("PNG", "TIFF")
#: Formats that keep opacity; in others transparent pictures are laid on white.
ALPHA_KINDS = ("PNG", "TIFF", "WEBP")
#: Formats that keep an ICC profile.
PROFILE_KINDS = ("JPEG", "PNG", "TIFF", "WEBP")

_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
# Little loss at a common size; no chroma subsampling, which would blur the colours that are later compared. PNG at
# level 4 takes two fifths of the default level's time, for photographs that are 4 % larger.
_LEVEL = 4
_SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"quality": 95},
    "PNG": {"compress_level": _LEVEL},
}


def encode(
    file: Path | BinaryIO,
    pixels: np.ndarray,
    carried: Carried | None = None,
    options: Mapping[str, Any] | None = None,
    *,
    kind: str,
) -> None:
    """Writes a picture into a file or a stream.

    Args:
        pixels: (C,H,W), uint8, or uint16, which stays 16 bits in the formats of :data:`DEEP_KINDS`; C: grey, grey with
            opacity, RGB or RGBA. In formats without opacity transparent pictures are laid on white.
        kind: the format's name in Pillow.
        options: keywords of Pillow's ``save`` in place of those used by default, such as ``quality``.

    Raises:
        Exception: whatever the encoder raises.
    """
    carried = carried or Carried()
    if pixels.shape[0] in (2, 4) and kind not in ALPHA_KINDS:
        pixels = on_white(pixels[:-1], pixels[-1])
    if pixels.dtype == np.uint16 and kind not in DEEP_KINDS:
        pixels = to_bytes(to_float(pixels))
    if kind == "TIFF" and pixels.dtype == np.uint16 and pixels.shape[0] == 2:  # which hardly any program opens
        pixels = pixels[[0, 0, 0, 1]]
    pixels = np.ascontiguousarray(pixels.transpose(1, 2, 0))
    if kind == "TIFF" or pixels.dtype == np.uint16:
        content = _tiff(pixels, carried) if kind == "TIFF" else _deep_png(pixels, carried)
        if isinstance(file, Path):
            file.write_bytes(content)
        else:
            file.write(content)
        return
    picture = Image.fromarray(pixels if pixels.shape[2] > 1 else pixels[..., 0], _MODES[pixels.shape[2]])
    picture.save(file, format=kind, **{**_SAVE_OPTIONS.get(kind, {}), **save_options(carried, kind), **(options or {})})


def on_white(colours: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    """A transparent picture, (C,H,W) with opacity (H,W) of the same type, laid on white."""
    full = FULL.get(colours.dtype, 1)
    share = opacity.astype(np.float32) / np.float32(full)
    laid = colours * share + (1 - share) * np.float32(full)
    return np.rint(laid).astype(colours.dtype) if full > 1 else laid


def _deep_png(pixels: np.ndarray, carried: Carried) -> bytes:
    """A PNG file of 16 bits (PNG, third edition); each row is stored as its difference from the one above."""
    height, width, channels = pixels.shape
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = pixels.astype(">u2").view(np.uint8).reshape(height, -1)
    filtered = np.full((height, 1 + rows.shape[1]), 2, np.uint8)  # filter "up"
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)),
        *png_chunks(carried),
        (b"IDAT", zlib.compress(filtered.tobytes(), _LEVEL)),
        (b"IEND", b""),
    ]
    file = [b"\x89PNG\r\n\x1a\n"]
    for name, content in chunks:
        file += [
            struct.pack(">I", len(content)),
            name,
            content,
            struct.pack(">I", zlib.crc32(content, zlib.crc32(name))),
        ]
    return b"".join(file)


def _tiff(pixels: np.ndarray, carried: Carried) -> bytes:
    """A TIFF file (TIFF 6.0) in one strip, deflated, each pixel stored as its difference from the one to the left."""
    height, width, channels = pixels.shape
    tags = tiff_tags(carried)
    little = pixels.astype(pixels.dtype.newbyteorder("<"))
    little[:, 1:] -= pixels[:, :-1]
    strip = zlib.compress(little.tobytes(), _LEVEL)
    tags[256], tags[257], tags[258] = width, height, (8 * pixels.itemsize,) * channels
    tags[259], tags[317] = 8, 2  # deflate, difference
    tags[262], tags[277], tags[284] = 2 if channels > 2 else 1, channels, 1  # RGB or grey, pixel by pixel
    tags[273], tags[278], tags[279] = 0, height, len(strip)
    tags[274] = 1
    if channels in (2, 4):
        tags[338] = 2  # the last channel is an opacity by which the colours were not multiplied
    file = io.BytesIO()
    file.write(struct.pack("<2sHL", b"II", 42, 8))
    file.write(tags.tobytes(8))
    file.write(strip)
    return file.getvalue()
