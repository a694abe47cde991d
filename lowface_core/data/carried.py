"""What a picture file carries besides its pixels, and in which form files take it: profile, EXIF, XMP, resolution."""

from __future__ import annotations

import contextlib
import re
import struct
import warnings
from dataclasses import dataclass
from typing import Any

from PIL import Image, PngImagePlugin
from PIL.TiffImagePlugin import ImageFileDirectory_v2

#: In front of EXIF in most files.
EXIF_MARK = b"Exif\0\0"
_ORIENTATION, _XMP, _PROFILE, _EXIF, _GPS, _INTEROPERABILITY = 0x0112, 700, 34675, 0x8769, 0x8825, 0xA005
#: Tags of a TIFF file that tell of the picture, not of how its pixels are stored: what is in it, made with what, when,
#: by whom, under which copyright.
_DESCRIPTIVE = (270, 271, 272, 305, 306, 315, 316, 33432)
_XMP_KEY = "XML:com.adobe.xmp"
_XMP_MARK = b"http://ns.adobe.com/xap/1.0/\0"
#: What a segment of a JPEG file holds, its length included.
_SEGMENT = 65535


@dataclass(frozen=True)
class Carried:
    """Everything of a file but its pixels; what is absent is empty or None.

    Attributes:
        profile: ICC profile.
        exif: a block of EXIF that begins with its byte order.
        xmp: the packet of XMP.
        dpi: pixels per inch, across and down.
    """

    profile: bytes | None = None
    exif: bytes = b""
    xmp: bytes = b""
    dpi: tuple[float, float] | None = None


def carried_by(picture: Image.Image) -> Carried:
    """What an opened file carries, said of its pixels turned upright: the orientation is 1, in EXIF and XMP.

    The rest of EXIF stays byte for byte, makers' notes included, but for the preview, which shows the picture as it was
    before. Of a TIFF file, which has no such block, the tags that describe the picture make one.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a broken block, of which nothing is kept
        info, sideways = picture.info, picture.getexif().get(_ORIENTATION, 1) > 4
    if picture.format == "TIFF":
        exif = described(picture.getexif())
    else:
        exif = upright_exif(bytes(info.get("exif") or b"").removeprefix(EXIF_MARK))
    xmp = info.get("xmp") or info.get(_XMP_KEY) or b""
    xmp = xmp if isinstance(xmp, bytes) else xmp.encode()
    xmp = re.sub(rb"(tiff:Orientation(?:\s*=\s*[\"']|>)\s*)[0-9]+", rb"\g<1>1", xmp)
    dpi = None
    with contextlib.suppress(TypeError, ValueError, ZeroDivisionError, OverflowError):  # fractions of nonsense
        across, down = (float(number) for number in info.get("dpi", ()))
        if 0 < across < 2**24 and 0 < down < 2**24:
            dpi = (down, across) if sideways else (across, down)
    return Carried(info.get("icc_profile") or None, exif, xmp, dpi)


def save_options(carried: Carried, kind: str) -> dict[str, Any]:
    """The same as keywords of Pillow's ``save``; ``kind`` is the format's name there. BMP and PPM take none of it."""
    options: dict[str, Any] = {"icc_profile": carried.profile}
    exif, xmp = carried.exif and EXIF_MARK + carried.exif, carried.xmp
    if carried.dpi is not None and kind in ("JPEG", "PNG"):
        options["dpi"] = carried.dpi
    if kind == "JPEG":
        # longer ones do not fit; EXIF grows that large by notes and previews alone
        options["exif"] = exif if len(exif) + 2 <= _SEGMENT else b""
        length = 2 + len(_XMP_MARK) + len(xmp)
        options["extra"] = (
            b"\xff\xe1" + struct.pack(">H", length) + _XMP_MARK + xmp if xmp and length <= _SEGMENT else b""
        )
    elif kind == "WEBP":
        options |= {"exif": exif, "xmp": xmp}
    elif kind == "PNG":
        options |= {"exif": exif or None, "pnginfo": PngImagePlugin.PngInfo()}
        if xmp:
            options["pnginfo"].add_itxt(_XMP_KEY, xmp.decode(errors="replace"))
    return options


def png_chunks(carried: Carried) -> list[tuple[bytes, bytes]]:
    """The same as names and contents of chunks of a PNG file, which stand before its pixels."""
    import zlib

    chunks = []
    if carried.profile:
        chunks.append((b"iCCP", b"ICC profile\0\0" + zlib.compress(carried.profile)))
    if carried.dpi is not None:
        across, down = (round(each / 0.0254) for each in carried.dpi)
        chunks.append((b"pHYs", struct.pack(">IIB", across, down, 1)))
    if carried.exif:
        chunks.append((b"eXIf", carried.exif))
    if carried.xmp:
        chunks.append((b"iTXt", _XMP_KEY.encode() + bytes(5) + carried.xmp))
    return chunks


def tiff_tags(carried: Carried) -> ImageFileDirectory_v2:
    """The same as tags of a TIFF file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tags = _describing(carried.exif)
            tags.tobytes()
    except Exception:  # whatever a broken block makes Pillow raise
        tags = ImageFileDirectory_v2()
    if carried.profile:
        tags[_PROFILE] = carried.profile
    if carried.xmp:
        tags[_XMP] = carried.xmp
    if carried.dpi is not None:
        tags[282], tags[283], tags[296] = *carried.dpi, 2
    return tags


def _describing(exif: bytes) -> ImageFileDirectory_v2:
    """Tags of a TIFF file that say what a block of EXIF does."""
    tags, block = ImageFileDirectory_v2(), Image.Exif()
    if exif:
        block.load(exif)
        for tag, value in _descriptive(block).items():
            tags[tag] = value
    return tags


def described(tags: Image.Exif) -> bytes:
    """A block of EXIF that says what the tags of a TIFF file do."""
    block = Image.Exif()
    with contextlib.suppress(Exception):  # whatever broken tags make Pillow raise
        for tag, value in _descriptive(tags).items():
            block[tag] = value
        return block.tobytes().removeprefix(EXIF_MARK) if len(block) else b""
    return b""


def _descriptive(tags: Image.Exif) -> dict[int, Any]:
    found: dict[int, Any] = {tag: tags[tag] for tag in _DESCRIPTIVE if tag in tags}
    for tag in (_EXIF, _GPS):
        if part := dict(tags.get_ifd(tag)):
            part.pop(_INTEROPERABILITY, None)  # a place in a file that is no more
            found[tag] = part
    return found


def upright_exif(exif: bytes) -> bytes:
    """A block of EXIF whose orientation is 1, without the way to its preview; nothing of one that is broken."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return b""
    block = bytearray(exif)
    try:
        (start,) = struct.unpack_from(f"{order}I", block, 4)
        (count,) = struct.unpack_from(f"{order}H", block, start)
        for entry in range(start + 2, start + 2 + 12 * count, 12):
            tag, form = struct.unpack_from(f"{order}HH", block, entry)
            if tag == _ORIENTATION:
                struct.pack_into(f"{order}H" if form == 3 else f"{order}I", block, entry + 8, 1)
        if start + 6 + 12 * count <= len(block):
            struct.pack_into(f"{order}I", block, start + 2 + 12 * count, 0)
    except struct.error:
        return b""
    return bytes(block)
