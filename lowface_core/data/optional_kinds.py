"""Pictures that optional packages read: HEIC, as of phones (``lowface[heic]``), and camera raw (``lowface[raw]``)."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, features

from lowface_core.data.carried import EXIF_MARK, Carried, described, upright_exif
from lowface_core.data.colour_space import from_linear
from lowface_core.errors import DataError, PluginError
from lowface_core.lazy import needed

#: Colours, opacity, and what else a file carries.
Found = tuple[np.ndarray, np.ndarray | None, Carried]
CheckSize = Callable[[int, int], None]
#: Endings by the extra that reads them; of AVIF Pillow itself, where it is new enough.
ENDINGS = {
    "heic": (".heic", ".heif", ".avif"),
    "raw": (".arw", ".cr2", ".cr3", ".dng", ".nef", ".orf", ".raf", ".rw2"),
}
_PACKAGES = {"heic": "pillow_heif", "raw": "rawpy"}
#: What may follow ``ftyp`` in files of HEIC, and of AVIF.
_HEIC, _AVIF = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), (b"avif", b"avis")


def extra_of(suffix: str) -> str | None:
    """The extra that reads files of an ending in lower case; None for any other ending."""
    return next((extra for extra, endings in ENDINGS.items() if suffix in endings), None)


def is_read(suffix: str) -> bool:
    """Whether files of an ending in lower case can be read by what is installed."""
    extra = extra_of(suffix)
    if suffix == ".avif":
        return bool(features.check("avif"))
    return extra is not None and importlib.util.find_spec(_PACKAGES[extra]) is not None


def read_optional(file: BinaryIO, path: Path, check_size: CheckSize) -> Found | None:
    """Upright colours, (1,H,W) or (3,H,W) of uint8 or uint16, opacity and what else the file carries; None of a file of
    any other kind, which is then at its beginning again. HEIC is told by its first bytes, raw by the file's ending.

    Args:
        check_size: is called with width and height before anything is decoded, and may raise.

    Raises:
        DataError: the package is not installed; for a broken file whatever reading it raises.
    """
    start = file.read(12)
    file.seek(0)
    brand = start[8:12] if start[4:8] == b"ftyp" else b""
    try:
        if brand in _HEIC:
            return _heic(file, check_size)
        if brand in _AVIF and not is_read(".avif"):
            raise DataError('AVIF is read by Pillow from 11.3 on; pip install "lowface[heic]"')
        if path.suffix.lower() in ENDINGS["raw"]:
            return _raw(file, check_size)
    except PluginError as error:
        raise DataError(str(error)) from error
    return None


def _heic(file: BinaryIO, check_size: CheckSize) -> Found:
    """The main picture in its own depth, more than 8 bits as 16; turned as the file says, where EXIF has no say."""
    found = needed("pillow_heif", "heic", "HEIC").open_heif(file, convert_hdr_to_8bit=False)
    picture = found[found.primary_index]
    check_size(*picture.size)
    pixels = np.asarray(picture)
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    grey = picture.mode.startswith(("L", "I"))
    colours = np.ascontiguousarray(pixels[..., : 1 if grey else 3].transpose(2, 0, 1))
    opacity = np.ascontiguousarray(pixels[..., -1]) if pixels.shape[2] in (2, 4) else None
    exif = upright_exif(bytes(picture.info.get("exif") or b"").removeprefix(EXIF_MARK))
    return colours, opacity, Carried(picture.info.get("icc_profile") or None, exif, picture.info.get("xmp") or b"")


def _raw(file: BinaryIO, check_size: CheckSize) -> Found:
    """Developed without any brightening: the camera's white balance, linear light in 16 bits, the curve of sRGB."""
    rawpy = needed("rawpy", "raw", "camera raw")
    try:
        with rawpy.imread(file) as raw:
            check_size(raw.sizes.iwidth, raw.sizes.iheight)
            light = raw.postprocess(
                output_bps=16,
                use_camera_wb=True,
                no_auto_bright=True,
                gamma=(1, 1),
                output_color=rawpy.ColorSpace.sRGB,
            )
    except rawpy.LibRawError as error:
        reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else error
        raise DataError(f"not a raw picture that can be developed ({reason}); copy it again") from error
    curve = np.rint(from_linear(np.arange(65536) / 65535) * 65535).astype(np.uint16)
    file.seek(0)
    exif = b""
    with contextlib.suppress(Exception):  # most raw files have the tags of a TIFF file
        tags = Image.Exif()
        tags.load_from_fp(file)
        exif = described(tags)
    return np.ascontiguousarray(curve[light].transpose(2, 0, 1)), None, Carried(exif=exif)
