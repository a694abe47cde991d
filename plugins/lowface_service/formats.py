"""Formats of pictures that travel over HTTP: found in a body, chosen by a request's ``Accept``."""

from __future__ import annotations

import io
import warnings

from PIL import Image

#: Format as Pillow calls it → media type, of what is written; PNG is the answer where nothing else is asked for.
MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "TIFF": "image/tiff", "BMP": "image/bmp"}


def looked_at(content: bytes) -> tuple[str, int] | None:
    """Format and number of pixels by the header alone, which may claim any size; None for what is not a picture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content)) as picture:
                return str(picture.format), picture.width * picture.height
    except Image.DecompressionBombError:
        return "PNG", 1 << 62
    except Exception:
        return None


def accepted(accept: str, own: str) -> str | None:
    """The format to answer in: the first of the most wanted that can be written, the picture's own where it may be.

    Args:
        accept: the header, e.g. ``image/webp, image/png;q=0.8``; empty: anything.
        own: format of the picture that was sent.

    Returns:
        a key of :data:`MEDIA_TYPES`, or None where nothing that is wanted can be written.
    """
    own = own if own in MEDIA_TYPES else "PNG"
    wanted = []
    for place, part in enumerate((accept or "*/*").split(",")):
        kind, _, parameters = (text.strip().lower() for text in part.partition(";"))
        quality = next((p.partition("=")[2] for p in parameters.split(";") if p.strip().startswith("q=")), "1")
        try:
            weight = float(quality)
        except ValueError:
            weight = 0.0
        if weight > 0:
            wanted.append((-weight, place, kind))
    by_type = {media: name for name, media in MEDIA_TYPES.items()}
    for _, _, kind in sorted(wanted):
        if kind in ("*/*", "image/*"):
            return own
        if kind in by_type:
            return by_type[kind]
    return None
