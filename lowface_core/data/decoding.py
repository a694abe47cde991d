"""Opening picture files: upright pixels in the depth and the colours of the file; every fault in one line."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError, features

from lowface_core.data.deep import DeepHeader, deep_header, read_deep
from lowface_core.data.depth import to_depth, to_float
from lowface_core.data.encoding import on_white
from lowface_core.data.optional_kinds import read_optional
from lowface_core.data.profiles import deep_to_srgb, to_srgb
from lowface_core.errors import DataError

#: Pictures of more pixels are refused: decoding takes up to 24 bytes a pixel.
MAX_PIXELS = 64_000_000

# Only these decoders are tried: others that Pillow knows start external programs or fetch further files.
_DECODERS = ("JPEG", "PNG", "BMP", "PPM", "TIFF", "WEBP", *(["AVIF"] if features.check("avif") else []))
_SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N", "I")
_ORIENTATION, _SIDEWAYS = 0x0112, (5, 6, 7, 8)

Decoded = TypeVar("Decoded")


def read_pixels(path: str | os.PathLike[str], content: bytes | None = None) -> np.ndarray:
    """The pixels of a picture file in its own depth, turned upright by its EXIF orientation, in the colours of sRGB.

    Modes become RGB by these rules: grey and palette by their colours; transparent pictures are laid on white, as most
    viewers show them (colours hidden under full transparency never appear); YCbCr, and CMYK without a profile, as
    Pillow converts them; floats must lie in [0,1]. An embedded ICC profile other than sRGB is applied, a broken one
    ignored, see :mod:`lowface_core.data.profiles`. Of a file with several frames the first is read.

    Args:
        content: the file's bytes, where there is no file: ``path`` then only names it in messages.

    Returns:
        (3,H,W), RGB, C-contiguous: uint8; uint16 of PNG and TIFF files of 16 bits; float32 of TIFF files of floats.

    Raises:
        DataError: missing, empty, cut short, not a picture, a folder, too large
            (:data:`MAX_PIXELS`; a small file may claim any size) or not permitted; the
            message names the file and the reason.
    """
    path = Path(path)
    with opened(path, content) as file:
        if (found := read_optional(file, path, check_size)) is not None:
            colours, opacity, carried = found
            colours, profile = np.broadcast_to(colours, (3, *colours.shape[1:])), carried.profile
        elif (header := header_of(file)) is not None:
            check_size(*header.size)
            colours, opacity = read_deep(file, header)
            profile = header.profile
        else:
            return decoded(file, _to_rgb)
        return _deep_in_srgb(colours if opacity is None else on_white(colours, opacity), profile)


def read_labels(path: str | os.PathLike[str]) -> np.ndarray:
    """A label map: each pixel's stored number, which for a palette map is the index and not its colour.

    Returns:
        int64 (H,W).

    Raises:
        DataError: as :func:`read_pixels`; also for a map stored in colours, whose class numbers nobody can know.
    """
    with opened(Path(path)) as file:
        return decoded(file, _to_indices)


def upright_size(path: Path) -> tuple[int, int] | None:
    """Height and width by the file's header; None where only decoding can tell what is wrong with the file."""
    if not path.is_file():  # a pipe would be waited for
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about sizes, which reading refuses in its own words
            lazy = Image.open(path, formats=_DECODERS)
        with lazy as picture:
            width, height = picture.size
            if picture.format == "TIFF":  # some versions of Pillow have turned it by now, others have not
                width, height = picture.tag_v2[256], picture.tag_v2[257]
            return (width, height) if picture.getexif().get(_ORIENTATION) in _SIDEWAYS else (height, width)
    except Exception:
        return None


@contextlib.contextmanager
def opened(path: Path, content: bytes | None = None) -> Iterator[BinaryIO]:
    """Context with a file, or its ``content`` where there is none, that turns whatever reading it raises into one line
    that names ``path``.

    Raises:
        DataError: reading it failed.
    """
    try:
        # Looked at first: a folder opens differently on each system, and decoders see an empty file as an unknown one.
        if content is None and path.is_dir():
            raise DataError("is a folder, not a picture")
        if (path.stat().st_size if content is None else len(content)) == 0:
            raise DataError("the file is empty (0 bytes); copy it again")
        with path.open("rb") if content is None else io.BytesIO(content) as file:
            yield file
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    except UnidentifiedImageError as error:
        raise DataError(f"{path}: not a picture that can be read ({', '.join(_DECODERS)})") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DataError(f"{path}: too large to be read safely ({first_line(error)})") from error
    except OSError as error:
        raise DataError(f"{path}: {os_reason(error, 'file')}") from error
    except Exception as error:  # decoders raise SyntaxError, ValueError, struct.error, … on broken files
        raise DataError(f"{path}: cannot be decoded ({first_line(error)}); copy it again") from error


def header_of(file: BinaryIO) -> DeepHeader | None:
    """As :func:`deep_header`; also None for a broken header. The file is at its beginning again."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return deep_header(file)
    except (DataError, OSError):
        raise
    except Exception:  # a broken header, of which the decoders say more
        return None
    finally:
        file.seek(0)


def check_size(width: int, height: int, most: int | None = None) -> None:
    """Raises DataError for more pixels than a user allows, or, where none was asked, than :data:`MAX_PIXELS`."""
    allowed, cure = (MAX_PIXELS, "") if most is None else (most, "; --max-pixels allows more")
    if width * height > allowed:
        raise DataError(f"too large to be read safely ({width}x{height} pixels; at most {allowed:,} in all{cure})")


def allow(most: int) -> None:
    """Lets Pillow open pictures of so many pixels: its own limit, which serves the same end, is the process's.

    Threads share it, so that it is only ever raised.
    """
    Image.MAX_IMAGE_PIXELS = max(Image.MAX_IMAGE_PIXELS or 0, most)


def decoded(
    file: BinaryIO,
    convert: Callable[[Image.Image, Image.Image], Decoded],
    before: Callable[[Image.Image], Any] = lambda picture: None,
    check: Callable[[int, int], None] = check_size,
) -> Decoded:
    """What ``convert`` makes of a picture upright and as it is stored; ``before`` sees it before it is decoded."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about sizes, of which our own limit is lower, and broken metadata
        with Image.open(file, formats=_DECODERS) as lazy:
            check(*lazy.size)
            before(lazy)
            lazy.load()
            upright = lazy.getexif().get(_ORIENTATION, 1) == 1  # turning nothing makes a copy
            return convert(lazy if upright else ImageOps.exif_transpose(lazy), lazy)


def _to_rgb(picture: Image.Image, stored: Image.Image) -> np.ndarray:
    profile, mode = picture.info.get("icc_profile"), picture.mode
    grey = deep_grey(picture)
    if grey is not None:
        return _deep_in_srgb(np.ascontiguousarray(np.broadcast_to(grey, (3, *grey.shape))), profile)
    colours = "L" if mode in ("1", "L", "LA", "La") else "CMYK" if mode == "CMYK" else "RGB"
    if mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in picture.info:
        picture = picture.convert({"RGBa": "RGBA", "La": "LA"}.get(mode, mode)).convert("RGBA")
        laid = to_srgb(picture.convert(colours), profile).convert("RGBA")
        laid.putalpha(picture.getchannel("A"))
        picture = Image.alpha_composite(Image.new("RGBA", laid.size, "white"), laid).convert("RGB")
    else:
        picture = to_srgb(picture.convert(colours), profile)
    return np.ascontiguousarray(np.asarray(picture).transpose(2, 0, 1))


def deep_grey(picture: Image.Image) -> np.ndarray | None:
    """A grey picture of more than eight bits as uint16 or float32 (H,W); None for any other.

    Raises:
        DataError: whole numbers outside of 16 bits.
    """
    if picture.mode != "F" and picture.mode not in _SIXTEEN_BIT:
        return None
    grey = np.asarray(picture)
    if picture.mode == "F":
        return grey
    if grey.min() < 0 or grey.max() > 65535:
        raise DataError("grey values outside 16 bits; store the picture in 8 or 16 bits")
    return grey.astype(np.uint16)


def check_range(pixels: np.ndarray) -> None:
    """Raises DataError for floats outside [0,1], and for NaN."""
    if pixels.dtype == np.float32 and not (np.isfinite(pixels).all() and pixels.min() >= 0 and pixels.max() <= 1):
        raise DataError("values outside [0,1]; store the picture in 8 or 16 bits")


def _deep_in_srgb(pixels: np.ndarray, profile: bytes | None) -> np.ndarray:
    check_range(pixels)
    return np.ascontiguousarray(to_depth(deep_to_srgb(to_float(pixels), profile), pixels.dtype))


def _to_indices(picture: Image.Image, stored: Image.Image) -> np.ndarray:
    if picture.mode not in ("1", "L", "P", *_SIXTEEN_BIT):
        raise DataError(
            f"a label map is grey or palette, this file is {picture.mode}; store the class numbers, not colours"
        )
    return np.asarray(picture).astype(np.int64)


def os_reason(error: OSError, what: str) -> str:
    """Why the system or a decoder refused, in plain words."""
    if isinstance(error, FileNotFoundError):
        return f"no such {what}"
    if isinstance(error, NotADirectoryError):
        return f"no such {what}; a part of the path is a file"
    if isinstance(error, PermissionError):
        return f"reading is not permitted; change the {what}'s permissions"
    if error.errno is None:  # raised by a decoder
        return f"the picture is broken or cut short ({first_line(error)}); copy it again"
    return f"cannot be read ({error.strerror or errno.errorcode.get(error.errno, error)})"


def first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
