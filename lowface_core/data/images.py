"""Pictures and label maps on disk: read strictly, written whole; every failure is one line that names the file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from lowface_core.data.carried import Carried
from lowface_core.data.decoding import first_line, read_labels, read_pixels, upright_size
from lowface_core.data.depth import to_bytes, to_float
from lowface_core.data.encoding import encode
from lowface_core.data.picture import Picture, read_picture
from lowface_core.data.picture_files import IMAGE_SUFFIXES, images_by_key, list_images
from lowface_core.data.profiles import srgb_profile
from lowface_core.errors import DataError, nearest
from lowface_core.files import write_whole

#: What other packages need of pictures on disk.
__all__ = [
    "IMAGE_SUFFIXES",
    "images_by_key",
    "list_images",
    "read_image",
    "read_labels",
    "read_picture",
    "read_pixels",
    "resize_image",
    "resize_labels",
    "save_picture",
    "upright_size",
    "write_image",
    "write_picture",
]


def read_image(path: str | os.PathLike[str]) -> np.ndarray:
    """A picture file as an array: :func:`read_pixels` on the scale from 0 to 1.

    Returns:
        float32 (3,H,W), RGB in [0,1], C-contiguous.
    """
    return to_float(read_pixels(path))


def write_image(path: str | os.PathLike[str], image: np.ndarray, profile: bool = False) -> None:
    """Writes a picture in the format of its ending; the file appears complete or not at all.

    Values in [0,1] are clipped and rounded to 8 bits. Pixels of 16 bits stay what they are in PNG and TIFF files, in
    others they are rounded. JPEG and WebP are written at quality 95, JPEG without chroma subsampling; the other
    formats lose nothing beyond the rounding. Missing folders are made.

    Args:
        path: ends in one of :data:`IMAGE_SUFFIXES`.
        image: (3,H,W), RGB: floats in [0,1], or uint8 or uint16.
        profile: embed the profile of sRGB, where the format takes one (BMP and PPM do not).

    Raises:
        DataError: the ending is unknown, the array is not a picture or holds non-finite values, or the file cannot be
            written; an older file of that name is then left as it was.
    """
    path, kind = _target(path)
    image = np.asarray(image)
    if image.ndim != 3 or image.shape[0] != 3 or image.size == 0:
        raise DataError(f"{path}: cannot be written; a picture has shape (3,H,W), this array {image.shape}")
    if not np.isfinite(image).all():
        raise DataError(f"{path}: cannot be written; the picture holds values that are not finite numbers")
    _write(path, lambda part: save_picture(part, image, kind, profile))


def write_picture(
    path: str | os.PathLike[str], pixels: np.ndarray, picture: Picture, options: Mapping[str, Any] | None = None
) -> None:
    """Writes new pixels of a picture with all else that its file held, as far as the format takes it.

    PNG and TIFF keep depth, opacity, profile, EXIF, XMP and resolution; WebP all but the depth and the resolution; JPEG
    all but depth and opacity, which is laid on white. BMP and PPM hold the colours alone, in sRGB.

    Args:
        path: ends in one of :data:`IMAGE_SUFFIXES`.
        pixels: such as ``picture.pixels``.
        options: keywords of Pillow's ``save``, such as ``quality``.

    Raises:
        DataError: as :func:`write_image`.
    """
    path, kind = _target(path)
    _write(path, lambda part: encode(part, *picture.as_stored(pixels, kind), options, kind=kind))


def _target(path: str | os.PathLike[str]) -> tuple[Path, str]:
    """A path and the name that Pillow has for the format of its ending."""
    path = Path(path)
    if path.suffix.lower() not in IMAGE_SUFFIXES:
        raise DataError(
            f"{path}: unknown picture ending {path.suffix!r}{nearest(path.suffix.lower(), IMAGE_SUFFIXES)}; "
            f"use one of {', '.join(IMAGE_SUFFIXES)}"
        )
    return path, Image.registered_extensions()[path.suffix.lower()]


def _write(path: Path, save: Callable[[Path], None]) -> None:
    def save_named(part: Path) -> None:
        try:
            save(part)
        except OSError:
            raise
        except Exception as error:  # encoders refuse sizes with types of their own
            raise DataError(f"{path}: cannot be written ({first_line(error)})") from error

    write_whole(path, save_named, DataError)


def save_picture(file: Path | BinaryIO, image: np.ndarray, kind: str, profile: bool = False) -> None:
    """Encodes a picture as :func:`write_image` does, into a file or a stream; ``kind`` is the format's name in Pillow.

    Raises:
        Exception: whatever the encoder raises.
    """
    pixels = image if image.dtype in (np.uint8, np.uint16) else to_bytes(to_float(image))
    encode(file, pixels, Carried(srgb_profile() if profile else None), kind=kind)


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
