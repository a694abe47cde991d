"""Pictures in colour of more than eight bits a channel, which Pillow cuts down or does not open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from lowface_core.data.depth import FULL
from lowface_core.errors import DataError

_PNG, _TIFF, _BIG_TIFF = b"\x89PNG\r\n\x1a\n", (b"II*\0", b"MM\0*"), b"II+\0"
_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _PLANES, _EXTRA, _PROFILE = 256, 257, 258, 262, 284, 338, 34675
_RGB, _SEPARATE, _PREMULTIPLIED = 2, 2, 1


@dataclass(frozen=True)
class DeepHeader:
    """What the file's header says.

    Attributes:
        size: width and height as stored.
        profile: ICC profile.
        orientation: EXIF orientation that remains to be applied; a TIFF file's is applied in decoding.
        premultiplied: colours have been multiplied by their opacity.
        grey: its three colours are one.
    """

    size: tuple[int, int]
    profile: bytes | None = None
    orientation: int = 1
    premultiplied: bool = False
    grey: bool = False


def deep_header(file: BinaryIO) -> DeepHeader | None:
    """Header of a PNG file of 16 bits, or a TIFF file of 16 bits or floats, in colour; None for any other file.

    Raises:
        DataError: the planes of the colours lie apart; for a broken header whatever reading it raises.
    """
    start = file.read(26)
    if start[:8] == _PNG and start[24:26] in (b"\x10\x02", b"\x10\x04", b"\x10\x06"):  # depth 16; RGB, LA, RGBA
        with Image.open(file) as picture:
            orientation = int(picture.getexif().get(0x0112) or 1)
            return DeepHeader(picture.size, picture.info.get("icc_profile"), orientation, grey=start[25] == 4)
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


def read_deep(file: BinaryIO, header: DeepHeader) -> tuple[np.ndarray, np.ndarray | None]:
    """Upright pixels, uint16 or float32 (3,H,W), RGB, and their opacity (H,W), of the same type.

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
    pixels = pixels if pixels.dtype == np.uint16 else pixels.astype(np.float32)
    colours = np.ascontiguousarray(pixels[..., 2::-1].transpose(2, 0, 1))  # OpenCV keeps blue first
    if pixels.shape[2] < 4:
        return colours, None
    opacity = np.ascontiguousarray(pixels[..., 3])
    return (_divided(colours, opacity) if header.premultiplied else colours), opacity


def _upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Undoes an EXIF orientation: 5 to 8 are stored on their side, which mirrors 1 to 4."""
    if orientation > 4:
        pixels, orientation = pixels.swapaxes(0, 1), {5: 1, 6: 2, 7: 3, 8: 4}[orientation]
    if orientation in (2, 3):
        pixels = pixels[:, ::-1]
    return pixels[::-1] if orientation in (3, 4) else pixels


def _divided(colours: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    """Colours that were multiplied by their opacity, as they were before."""
    full = FULL.get(colours.dtype, 1)
    least = 1 if full > 1 else np.float32(1e-6)  # where nothing shows, any colour will do
    straight = np.minimum(colours.astype(np.float32) * full / np.maximum(opacity, least), full)
    return np.rint(straight).astype(colours.dtype) if full > 1 else straight
