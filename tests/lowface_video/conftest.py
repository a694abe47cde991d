"""Films made on the spot: frames of noise or of one's own, with any times, sound, colours, chapters and rotation."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

CLOCK = Fraction(1, 90_000)
#: Display matrices of ISO/IEC 14496-12: by 90 degrees clockwise, upside down, mirrored left to right.
CLOCKWISE = (0, 1, -1, 0)
OVER = (-1, 0, 0, -1)
MIRRORED = (-1, 0, 0, 1)


def dark(count: int, width: int = 64, height: int = 48, high: int = 60) -> Iterable[np.ndarray]:
    """Frames (H,W,3) of a smooth picture and a little noise."""
    rng = np.random.default_rng(1)
    slope = np.linspace(0, high, width)[None, :, None] * np.linspace(0.3, 1, height)[:, None, None]
    for _ in range(count):
        yield np.clip(slope * (1, 0.8, 0.6) + rng.normal(0, 2, (height, width, 3)), 0, 255).astype(np.uint8)


def uneven(count: int) -> list[int]:
    """Times in units of :data:`CLOCK` at a rate that varies: 25 frames a second, with every fourth one late."""
    times, now = [], 0
    for index in range(count):
        times.append(now)
        now += 7777 if index % 4 == 3 else 3600
    return times


def write(
    path: Path,
    frames: Iterable[np.ndarray],
    times: Sequence[int] | None = None,
    size: tuple[int, int] = (64, 48),
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    options: dict[str, str] | None = None,
    colours: dict[str, int] | None = None,
    sound: str | None = "aac",
    subtitles: bool = False,
    chapters: bool = False,
    metadata: dict[str, str] | None = None,
    matrix: tuple[int, int, int, int] | None = None,
    first: bool = False,
) -> Path:
    """Writes a film; ``colours``: attributes of the encoder; ``matrix``: a display matrix, of an .mp4 or .mov file;
    ``first``: the head comes first."""
    flags = {"movflags": "+use_metadata_tags"} if path.suffix == ".mp4" else {}
    if first:
        flags["movflags"] = "+faststart"
    with av.open(path, "w", container_options=flags) as out:
        video = out.add_stream(codec, rate=25, options=options or {"crf": "12", "preset": "veryfast"})
        video.width, video.height, video.pix_fmt = *size, pixel_format
        if times is not None:
            video.time_base = video.codec_context.time_base = CLOCK
        for name, value in (colours or {}).items():
            setattr(video.codec_context, name, value)
        audio = out.add_stream(sound, rate=48_000, layout="stereo") if sound else None
        words = av.open(io.BytesIO(b"1\n00:00:00,100 --> 00:00:00,400\nhello\n\n"), format="srt") if subtitles else None
        text = out.add_stream_from_template(words.streams[0], opaque=True) if words else None
        out.metadata.update(metadata or {})
        if chapters:
            parts = [("dusk", 0, 500), ("night", 500, 1000)]
            found = [
                {"id": i, "start": a, "end": b, "time_base": Fraction(1, 1000), "metadata": {"title": t}}
                for i, (t, a, b) in enumerate(parts)
            ]
            out.set_chapters(found)
        count = 0
        packets: list[Any] = []
        for count, pixels in enumerate(frames, 1):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb48le" if pixels.dtype == np.uint16 else "rgb24")
            frame.pts = count - 1 if times is None else times[count - 1]
            frame.time_base = Fraction(1, 25) if times is None else CLOCK
            out.mux(video.encode(frame.reformat(format=pixel_format)))
        out.mux(video.encode())
        if audio:
            length = count / 25 if times is None else float(times[-1] * CLOCK)
            rng = np.random.default_rng(2)
            for index in range(int(length * 48_000 / 960)):
                piece = av.AudioFrame.from_ndarray(rng.normal(0, 0.1, (2, 960)).astype(np.float32), "fltp", "stereo")
                piece.sample_rate, piece.pts, piece.time_base = 48_000, index * 960, Fraction(1, 48_000)
                out.mux(audio.encode(piece))
            out.mux(audio.encode())
        if words and text:
            for packet in words.demux():
                if packet.dts is not None:
                    packet.stream = text
                    packets.append(packet)
            out.mux(packets)
    if matrix is not None:
        turn(path, *matrix)
    return path


def turn(path: Path, a: int, b: int, c: int, d: int) -> None:
    """Writes a display matrix into the head of the first track of an .mp4 file."""
    content = bytearray(path.read_bytes())
    place = content.index(b"tkhd") + 4 + 40  # version, times, number, duration, layer: of version 0
    numbers = (a * 65536, b * 65536, 0, c * 65536, d * 65536, 0, 0, 0, 1 << 30)
    content[place : place + 36] = struct.pack(">9i", *numbers)
    path.write_bytes(bytes(content))


def packets(path: Path, kind: str) -> list[tuple[Fraction, Fraction, bytes]]:
    """Time, duration and bytes of the packets of a kind of stream, in the order of time."""
    with av.open(path) as film:
        streams = [stream for stream in film.streams if stream.type == kind]
        found = [packet for packet in film.demux(streams) if packet.dts is not None]
        return sorted((p.pts * p.time_base, (p.duration or 0) * p.time_base, bytes(p)) for p in found)


def times(path: Path) -> list[Fraction]:
    """The times of the frames, as decoded."""
    with av.open(path) as film:
        return [frame.pts * frame.time_base for frame in film.decode(video=0)]


def pixels(path: Path, format: str = "rgb24") -> list[np.ndarray]:
    """The decoded frames."""
    with av.open(path) as film:
        return [frame.to_ndarray(format=format) for frame in film.decode(video=0)]


def chapters(film: Any) -> list[tuple[str, Fraction, Fraction]]:
    """Title, begin and end of the chapters of an open film, in seconds."""
    found = film.chapters()
    return [(c["metadata"]["title"], c["start"] * c["time_base"], c["end"] * c["time_base"]) for c in found]


@pytest.fixture
def gain() -> list[str]:
    """Words that name an enhancer that doubles."""
    return ["--checkpoint", "gain", "--enhancer-options", "factor=2", "--device", "cpu"]


@pytest.fixture
def same() -> list[str]:
    """Words that name an enhancer that changes nothing."""
    return ["--checkpoint", "gain", "--enhancer-options", "factor=1", "--device", "cpu"]


Lowface = Callable[..., Any]
