"""Which encoder writes a video, by the ending of its file and by what its frames hold."""

from __future__ import annotations

from typing import Any, NamedTuple

from lowface_core.errors import DataError, LowfaceError, listing
from lowface_video.pixels import BT709, RGB, Coding, planar

#: Endings that are written → name of the container in FFmpeg, encoders for 8 bits a channel, and for more, best first.
CONTAINERS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    ".mp4": ("mp4", ("libx264", "libx265"), ("libx265", "libx264")),
    ".m4v": ("mp4", ("libx264", "libx265"), ("libx265", "libx264")),
    ".mov": ("mov", ("libx264", "libx265"), ("libx265", "libx264")),
    ".mkv": ("matroska", ("libx264", "libx265"), ("libx265", "libx264")),
    ".ts": ("mpegts", ("libx264", "libx265"), ("libx265", "libx264")),
    ".webm": ("webm", ("libvpx-vp9", "libsvtav1"), ("libsvtav1", "libvpx-vp9")),
}
#: Constant rate factors of ``--quality`` 100 and 1.
FACTORS = {"libx264": (4, 51), "libx265": (4, 51), "libvpx-vp9": (4, 63), "libsvtav1": (4, 63)}
#: Factor 18 of x264, which is hardly told from its source.
QUALITY = 70
OPTIONS = {
    "libx264": {"preset": "medium"},
    "libx265": {"preset": "medium", "x265-params": "log-level=none"},
    "libvpx-vp9": {"b": "0", "row-mt": "1", "deadline": "good", "cpu-used": "3"},
    "libsvtav1": {"preset": "8"},
}


class Choice(NamedTuple):
    """An encoder.

    Attributes:
        encoder: its name in FFmpeg.
        pixel_format: how it stores pixels.
        coding: how the planes are made that it gets.
        note: what of the source it cannot hold, in one line; empty: nothing.
    """

    encoder: str
    pixel_format: str
    coding: Coding
    note: str = ""

    def options(self, quality: int | None) -> dict[str, str]:
        """Its settings, with the ``--quality`` from 1 to 100 as a rate factor."""
        if self.encoder not in FACTORS:
            return {}
        best, worst = FACTORS[self.encoder]
        factor = best + (worst - best) * (100 - (QUALITY if quality is None else quality)) / 99
        whole = self.encoder.startswith("libx26")
        return {**OPTIONS[self.encoder], "crf": f"{factor:.1f}" if whole else f"{factor:.0f}"}


def container_of(ending: str, name: str) -> str:
    """FFmpeg's name of the container with an ending.

    Raises:
        LowfaceError: such files are not written.
    """
    if ending not in CONTAINERS:
        raise LowfaceError(f"{name}: video is not written with the ending {ending!r}; use one of {listing(CONTAINERS)}")
    return CONTAINERS[ending][0]


def raw_choice(coding: Coding, pixel_format: str) -> Choice:
    """Bare pixels of a format."""
    import av

    target = planar(av.VideoFormat(pixel_format))
    return Choice("rawvideo", pixel_format, _recoded(coding, target))


def choose(ending: str, coding: Coding, width: int, height: int) -> Choice:
    """The encoder for a container and what its frames hold: the same depth and chroma where one can, else the nearest.

    Raises:
        DataError: FFmpeg was built without any encoder that would do.
    """
    _, plain, deep = CONTAINERS[ending]
    offered = {name: formats for name in (plain if coding.depth == 8 else deep) if (formats := _formats(name))}
    if not offered:
        raise DataError(f"PyAV here has none of the encoders {listing(plain)}; pip install --upgrade av")
    wanted = _encodable(coding, width, height)
    found = next((name for name, formats in offered.items() if wanted in formats), None)
    if found is not None:
        return Choice(found, wanted, _recoded(coding, wanted))
    name, formats = next(iter(offered.items()))
    start, depth = wanted[:7], coding.depth
    usable = [each for each in formats if each.startswith("yuv4") and not each.endswith("be")]
    best = min(usable, key=lambda each: (each[:7] != start, abs(_depth(each) - depth), each))
    note = ""
    if _depth(best) < depth:
        note = f"{name} holds {_depth(best)} bits a channel, so that the source's {depth} become that"
    return Choice(name, best, _recoded(coding, best), note)


def _encodable(coding: Coding, width: int, height: int) -> str:
    """The format to ask for: RGB becomes 4:2:0, which every player shows, but sizes that are odd keep all chroma."""
    format = coding.format
    if format.startswith("gbrp"):
        format = f"yuv420p{format.removeprefix('gbrp')}"
    if format.startswith("yuv") and (width % 2 or height % 2):
        format = f"yuv444p{format[7:]}"
    return format


def _recoded(coding: Coding, format: str) -> Coding:
    if format.startswith("gbrp"):
        return Coding(format, RGB, True)
    if coding.matrix == RGB and format.startswith("yuv"):
        return Coding(format, BT709, False)
    return Coding(format, coding.matrix, coding.full)


def _formats(encoder: str) -> list[str]:
    import av

    try:
        return [format.name for format in av.Codec(encoder, "w").video_formats or []]
    except ValueError:
        return []


def _depth(format: Any) -> int:
    return Coding(format, RGB, True).depth
