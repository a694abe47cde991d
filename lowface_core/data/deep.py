"""Pictures in colour of more than eight bits a channel, which Pillow cuts down or does not open."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from lowface_core.errors import DataError

_PNG, _TIFF, _BIG_TIFF = b"\x89PNG\r\n\x1a\n", (b"II*\0", b"MM\0*"), b"II+\0"
_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _PLANES, _EXTRA, _PROFILE = 256, 257, 258, 262, 284, 338, 34675
_RGB, _SEPARATE, _PREMULTIPLIED = 2, 2, 1

#: Formats, as Pillow calls them, that are written with 16 bits a channel.
DEEP_KINDS = ("PNG", "TIFF")


@dataclass(frozen=True)
class DeepHeader:
    """What the file's header says.

    Attributes:
        size: width and height as stored.
        profile: ICC profile.
        orientation: EXIF orientation that remains to be applied; a TIFF file's is applied in decoding.
        premultiplied: colours have been multiplied by their opacity.
    """

    size: tuple[int, int]
    profile: bytes | None = None
    orientation: int = 1
    premultiplied: bool = False


def deep_header(file: BinaryIO) -> DeepHeader | None:
    """Header of a PNG file of 16 bits, or a TIFF file of 16 bits or floats, in colour; None for any other file.

    Raises:
        DataError: the planes of the colours lie apart; for a broken header whatever reading it raises.
    """
    start = file.read(26)
    if start[:8] == _PNG and start[24:26] in (b"\x10\x02", b"\x10\x04", b"\x10\x06"):  # depth 16; RGB, LA, RGBA
        with Image.open(file) as picture:
            return DeepHeader(picture.size, picture.info.get("icc_profile"), int(picture.getexif().get(0x0112) or 1))
    if start[:4] not in (*_TIFF, _BIG_TIFF):
        return None
    tags = ImageFileDirectory_v2(start[: 16 if start[:4] == _BIG_TIFF else 8])
    file.seek(tags.next)
    tags.load(file)
    if tags.get(_PHOTOMETRIC) != _RGB or max(tags.get(_BITS, (8,))) <= 8:
        return None
    if tags.get(_PLANES) == _SEPARATE:
        raise DataError("its colours lie in separate planes of more than 8 bits; store them pixel by pixel")
    extra = tags.get(_EXTRA)
    premultiplied = _PREMULTIPLIED in (extra if isinstance(extra, tuple) else (extra,))
    return DeepHeader((tags[_WIDTH], tags[_HEIGHT]), tags.get(_PROFILE), premultiplied=premultiplied)


def read_deep(file: BinaryIO, header: DeepHeader) -> np.ndarray:
    """Upright pixels, uint16 or float32 (3,H,W), RGB; transparent ones are laid on white.

    Raises:
        DataError: broken, or numbers of another kind.
    """
    import cv2

    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(0)  # faults are ours to report
    try:
        pixels = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_UNCHANGED)
    finally:
        cv2.utils.logging.setLogLevel(level)
    if pixels is None:
        raise DataError("the picture is broken or cut short; copy it again")
    if pixels.dtype not in (np.uint16, np.float32, np.float64):
        raise DataError(f"holds numbers of the kind {pixels.dtype}; store the picture in 8 or 16 bits or as floats")
    pixels = _upright(pixels, header.orientation)
    if pixels.shape[2] == 4:
        pixels = _on_white(pixels, header.premultiplied)
    pixels = pixels[..., ::-1].transpose(2, 0, 1)  # OpenCV keeps blue first
    return np.ascontiguousarray(pixels, np.uint16 if pixels.dtype == np.uint16 else np.float32)


def _upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Undoes an EXIF orientation: 5 to 8 are stored on their side, which mirrors 1 to 4."""
    if orientation > 4:
        pixels, orientation = pixels.swapaxes(0, 1), {5: 1, 6: 2, 7: 3, 8: 4}[orientation]
    if orientation in (2, 3):
        pixels = pixels[:, ::-1]
    return pixels[::-1] if orientation in (3, 4) else pixels


def _on_white(pixels: np.ndarray, premultiplied: bool) -> np.ndarray:
    full = 65535 if pixels.dtype == np.uint16 else 1
    colours, opacity = pixels[..., :3].astype(np.float64) / full, pixels[..., 3:].astype(np.float64) / full
    laid = np.clip((colours if premultiplied else colours * opacity) + 1 - opacity, 0, 1)
    return np.rint(laid * full).astype(np.uint16) if full > 1 else laid


def encode_deep(pixels: np.ndarray, kind: str, profile: bool) -> bytes:
    """A file of 16 bits a channel.

    Args:
        pixels: uint16 (3,H,W), RGB.
        kind: one of :data:`DEEP_KINDS`.
        profile: say that the colours are those of sRGB, where the format has a place for that besides an ICC profile:
            PNG. A TIFF file without a profile is taken for sRGB by common viewers.

    Raises:
        DataError: the encoder refuses it.
    """
    import cv2

    options = [cv2.IMWRITE_PNG_COMPRESSION, 4] if kind == "PNG" else []
    done, content = cv2.imencode(f".{kind.lower()}", np.ascontiguousarray(pixels[::-1].transpose(1, 2, 0)), options)
    if not done:
        raise DataError(f"cannot be encoded as {kind} of 16 bits")
    file: bytes = content.tobytes()
    if kind == "PNG" and profile:
        chunk = b"sRGB\0"  # perceptual intent
        head = len(_PNG) + 25  # the first chunk is IHDR, always of this length
        file = file[:head] + struct.pack(">I", 1) + chunk + struct.pack(">I", zlib.crc32(chunk)) + file[head:]
    return file
