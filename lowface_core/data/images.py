"""Pictures and label maps on disk: read strictly, written whole; every failure is one line that names the file."""

from __future__ import annotations

import errno
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from lowface_core.errors import DataError, LowfaceError, nearest
from lowface_core.files import write_whole

#: Lower-case endings that count as pictures; any mix of case is accepted.
IMAGE_SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")

#: Pictures of more pixels are refused: decoding takes up to 24 bytes a pixel.
MAX_PIXELS = 64_000_000

# Only these decoders are tried: others that Pillow knows start external programs or fetch further files.
_DECODERS = ("JPEG", "PNG", "BMP", "PPM", "TIFF", "WEBP")
# Little loss at a common size; no chroma subsampling, which would blur the colours that are later compared. PNG at
# level 4 takes two fifths of the default level's time, for photographs that are 4 % larger.
_SAVE_OPTIONS: dict[str, dict[str, object]] = {
    ".jpg": {"format": "JPEG", "quality": 95, "subsampling": 0},
    ".jpeg": {"format": "JPEG", "quality": 95, "subsampling": 0},
    ".webp": {"format": "WEBP", "quality": 95},
    ".png": {"format": "PNG", "compress_level": 4},
    ".bmp": {"format": "BMP"},
    ".ppm": {"format": "PPM"},
    ".tif": {"format": "TIFF", "compression": "tiff_deflate"},
    ".tiff": {"format": "TIFF", "compression": "tiff_deflate"},
}
_SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N", "I")

Decoded = TypeVar("Decoded")


def read_image(path: str | os.PathLike[str]) -> np.ndarray:
    """A picture file as an array, turned upright by its EXIF orientation.

    Modes become RGB by these rules: grey and palette by their colours; transparent pictures are laid on white, as most
    viewers show them (colours hidden under full transparency never appear); CMYK and YCbCr as Pillow converts them;
    16-bit grey is divided by 65535; 16-bit RGB keeps its high byte; float grey must lie in [0,1]. Colour profiles are
    not applied. Of a file with several frames the first is read.

    Returns:
        float32 (3,H,W), RGB in [0,1], C-contiguous.

    Raises:
        DataError: missing, empty, cut short, not a picture, a folder, too large (:data:`MAX_PIXELS`; a small file may
            claim any size) or not permitted; the message names the file and the reason.
    """
    return _decode(path, _to_rgb)


def read_labels(path: str | os.PathLike[str]) -> np.ndarray:
    """A label map: each pixel's stored number, which for a palette map is the index and not its colour.

    Returns:
        int64 (H,W).

    Raises:
        DataError: as :func:`read_image`; also for a map stored in colours, whose class numbers nobody can know.
    """
    return _decode(path, _to_indices)


def write_image(path: str | os.PathLike[str], image: np.ndarray) -> None:
    """Writes a picture in the format of its ending; the file appears complete or not at all.

    Values are clipped to [0,1] and rounded to 8 bits. JPEG and WebP are written at quality 95, JPEG without chroma
    subsampling; the other formats lose nothing beyond the rounding. Missing folders are made.

    Args:
        path: ends in one of :data:`IMAGE_SUFFIXES`.
        image: (3,H,W), RGB in [0,1].

    Raises:
        DataError: the ending is unknown, the array is no picture or holds non-finite values, or the file cannot be
            written; an older file of that name is then left as it was.
    """
    path = Path(path)
    options = _SAVE_OPTIONS.get(path.suffix.lower())
    if options is None:
        raise DataError(
            f"{path}: unknown picture ending {path.suffix!r}{nearest(path.suffix.lower(), IMAGE_SUFFIXES)}; "
            f"use one of {', '.join(IMAGE_SUFFIXES)}"
        )
    image = np.asarray(image)
    if image.ndim != 3 or image.shape[0] != 3 or image.size == 0:
        raise DataError(f"{path}: cannot be written; a picture has shape (3,H,W), this array {image.shape}")
    if not np.isfinite(image).all():
        raise DataError(f"{path}: cannot be written; the picture holds values that are not finite numbers")
    picture = Image.fromarray(np.ascontiguousarray(to_bytes(image).transpose(1, 2, 0)))

    def save(part: Path) -> None:
        try:
            picture.save(part, **options)  # type: ignore[arg-type]
        except OSError:
            raise
        except Exception as error:  # encoders refuse sizes with types of their own
            raise DataError(f"{path}: cannot be written ({_first_line(error)})") from error

    try:
        write_whole(path, save)
    except DataError:
        raise
    except LowfaceError as error:
        raise DataError(str(error)) from error


def list_images(folder: str | os.PathLike[str], recursive: bool = False) -> list[Path]:
    """Picture files of a folder by their ending, sorted by name; hidden files (name starts with a dot) are left out.

    Args:
        recursive: also those in folders below, sorted by their path relative to ``folder``.

    Raises:
        DataError: the folder is missing or cannot be listed. An empty folder gives an empty list.
    """
    folder = Path(folder)

    def refuse(error: OSError) -> None:
        raise DataError(f"{error.filename or folder}: {_os_reason(error, 'folder')}") from error

    found: list[Path] = []
    seen: set[tuple[int, int]] = set()  # a folder is entered once, however many links lead to it: links may form loops
    for parent, children, names in os.walk(folder, onerror=refuse, followlinks=True):
        facts = os.stat(parent)
        if (facts.st_dev, facts.st_ino) in seen:
            children.clear()
            continue
        seen.add((facts.st_dev, facts.st_ino))
        children[:] = sorted(c for c in children if recursive and not c.startswith("."))
        found += [Path(parent, n) for n in names if not n.startswith(".") and Path(n).suffix.lower() in IMAGE_SUFFIXES]
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def resize_image(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A picture at another size by antialiased bilinear interpolation: the filter widens as the picture shrinks.

    Never overshoots the range of the input, unlike bicubic; equals ``interpolate(mode="bilinear", antialias=True)`` of
    PyTorch up to rounding.

    Args:
        image: (3,H,W), float.
        size: (height, width) in pixels.

    Returns:
        float32 (3,height,width).
    """
    if image.shape[1:] == tuple(size):
        return np.ascontiguousarray(image, dtype=np.float32)
    height, width = size
    planes = (Image.fromarray(np.ascontiguousarray(plane, dtype=np.float32)) for plane in image)
    return np.stack([np.asarray(p.resize((width, height), Image.Resampling.BILINEAR)) for p in planes])


def resize_labels(labels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A label map (H,W) at another size, (height, width), by the nearest pixel; the type is kept.

    Pixel centres are aligned as in :func:`resize_image`, so that map and picture stay in register.
    """
    rows, columns = (
        ((np.arange(new) + 0.5) * old / new).astype(np.intp) for old, new in zip(labels.shape, size, strict=True)
    )
    return labels[rows[:, None], columns]


def to_bytes(image: np.ndarray) -> np.ndarray:
    """Values in [0,1] → uint8, clipped and rounded to the nearest of 256 levels."""
    return np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)


def _decode(path: str | os.PathLike[str], convert: Callable[[Image.Image], Decoded]) -> Decoded:
    path = Path(path)
    try:
        # Looked at first: a folder opens differently on each system, and decoders see an empty file as an unknown one.
        if path.is_dir():
            raise DataError("is a folder, not a picture")
        if path.stat().st_size == 0:
            raise DataError("the file is empty (0 bytes); copy it again")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is the lower one
            opened = Image.open(path, formats=_DECODERS)
        with opened:
            if opened.width * opened.height > MAX_PIXELS:
                size = f"{opened.width}x{opened.height}"
                raise DataError(f"too large to be read safely ({size} pixels; at most {MAX_PIXELS:,} in all)")
            opened.load()
            return convert(ImageOps.exif_transpose(opened))
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    except UnidentifiedImageError as error:
        raise DataError(f"{path}: not a picture that can be read ({', '.join(_DECODERS)})") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DataError(f"{path}: too large to be read safely ({_first_line(error)})") from error
    except OSError as error:
        raise DataError(f"{path}: {_os_reason(error, 'file')}") from error
    except Exception as error:  # decoders raise SyntaxError, ValueError, struct.error, … on broken files
        raise DataError(f"{path}: cannot be decoded ({_first_line(error)}); copy it again") from error


def _to_rgb(picture: Image.Image) -> np.ndarray:
    if picture.mode == "F" or picture.mode in _SIXTEEN_BIT:
        grey = np.asarray(picture).astype(np.float32) / (1 if picture.mode == "F" else 65535)
        if not (np.isfinite(grey).all() and grey.min() >= 0 and grey.max() <= 1):
            limit = "[0,1]" if picture.mode == "F" else "16 bits"
            raise DataError(f"grey values outside {limit}; store the picture in 8 or 16 bits")
        return np.ascontiguousarray(np.broadcast_to(grey, (3, *grey.shape)))
    if picture.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in picture.info:
        picture = picture.convert({"RGBa": "RGBA", "La": "LA"}.get(picture.mode, picture.mode)).convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    # Bytes are moved before they become floats: a quarter of the memory traffic.
    planes = np.ascontiguousarray(np.asarray(picture.convert("RGB")).transpose(2, 0, 1))
    return planes.astype(np.float32) / np.float32(255)


def _to_indices(picture: Image.Image) -> np.ndarray:
    if picture.mode not in ("1", "L", "P", *_SIXTEEN_BIT):
        raise DataError(
            f"a label map is grey or palette, this file is {picture.mode}; store the class numbers, not colours"
        )
    return np.asarray(picture).astype(np.int64)


def _os_reason(error: OSError, what: str) -> str:
    """Why the system or a decoder refused, in plain words."""
    if isinstance(error, FileNotFoundError):
        return f"no such {what}"
    if isinstance(error, NotADirectoryError):
        return f"no such {what}; a part of the path is a file"
    if isinstance(error, PermissionError):
        return f"reading is not permitted; change the {what}'s permissions"
    if error.errno is None:  # raised by a decoder
        return f"the picture is broken or cut short ({_first_line(error)}); copy it again"
    return f"cannot be read ({error.strerror or errno.errorcode.get(error.errno, error)})"


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
