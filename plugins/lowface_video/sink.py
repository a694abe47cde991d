"""What is written: the enhanced frames, encoded, and the packets of all other streams as they are."""

from __future__ import annotations

import io
import math
from fractions import Fraction
from typing import Any

from lowface_core.errors import DataError
from lowface_video.encoders import Choice
from lowface_video.shots import offset_of
from lowface_video.source import MICROSECOND, Source, reason

#: What containers say of themselves, and of streams as they were; it would be wrong of a new file.
OWN = {"encoder", "major_brand", "minor_version", "compatible_brands"}
OF_PACKETS = ("BPS", "DURATION", "NUMBER_OF", "_STATISTICS", "rotate")


class Sink:
    """An output container.

    Args:
        file: path, or an open file.
        container: FFmpeg's name of it.
        choice: the encoder.
        source: whose streams, times, colours and texts are taken over.
        first: the first frame of the source.
        size: width and height of the frames, upright.
        options: of the encoder.
        start: of the part of the source that is written, in seconds.

    Attributes:
        notes: what cannot be held, in one line each.

    Raises:
        DataError: the sound cannot be held by this container, or the encoder refuses.
    """

    def __init__(
        self,
        file: Any,
        container: str,
        choice: Choice,
        source: Source,
        first: Any,
        size: tuple[int, int],
        options: dict[str, str],
        start: Fraction,
    ) -> None:
        import av

        self.notes: list[str] = []
        self._copies: dict[int, Any] = {}
        self._durations: dict[int, int] = {}
        metadata = {key: value for key, value in source.container.metadata.items() if key not in OWN}
        flags = {}
        if container in ("mp4", "mov"):
            own_keys = any("." in key for key in metadata)  # as phones write them; others have a place of their own
            flags["movflags"] = "+faststart+use_metadata_tags" if own_keys else "+faststart"
            flags["movie_timescale"] = str(_common_clock(source))
        self.container: Any = av.open(file, "w", format=container, container_options=flags)
        self.container.metadata.update(metadata)
        self.video: Any = None
        for stream in source.container.streams:
            if stream.index == source.video.index:
                self.video = self._encoded(choice, source, first, size, options)
            elif container != "rawvideo" and not _is_chapter_text(stream, source):
                self._copy(stream, container)
        if container != "rawvideo" and (chapters := _chapters(source, start)):
            self.container.set_chapters(chapters)
        try:
            self.container.start_encoding()
        except av.error.FFmpegError as error:
            raise DataError(
                f"{choice.encoder} refuses {size[0]}x{size[1]} as {choice.pixel_format} ({reason(error)})"
            ) from error

    def _encoded(
        self, choice: Choice, source: Source, first: Any, size: tuple[int, int], options: dict[str, str]
    ) -> Any:
        rate = source.rate.limit_denominator(100_000)
        stream = self.container.add_stream(choice.encoder, rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = *size, choice.pixel_format
        stream.time_base = stream.codec_context.time_base = source.video.time_base
        context, coding = stream.codec_context, choice.coding
        if not coding.format.startswith("gbrp"):
            context.color_range = 2 if coding.full else 1
            tagged = first.format.is_rgb or first.colorspace == 0
            context.colorspace = coding.matrix if tagged else int(first.colorspace)
        told = source.video.codec_context
        context.color_primaries, context.color_trc = int(told.color_primaries), int(told.color_trc)
        aspect = source.video.sample_aspect_ratio
        if aspect:
            turned = (first.width, first.height) != size
            context.sample_aspect_ratio = 1 / Fraction(aspect) if turned else Fraction(aspect)
        if choice.encoder == "libx265" and self.container.format.name in ("mp4", "mov"):
            context.codec_tag = "hvc1"  # without which Apple's players show nothing
        _describe(stream, source.video)
        return stream

    def _copy(self, stream: Any, container: str) -> None:
        if not _holds(container, stream):
            kind = f"{stream.type} stream {stream.index} ({_name(stream)})"
            if stream.type == "audio":
                raise DataError(f"{kind} cannot be held by {container}; write an .mkv file, which holds any")
            self.notes.append(f"{kind} cannot be held by {container} and is left out; an .mkv file may")
            return
        copy = _added(self.container, stream)
        _describe(copy, stream)
        self._copies[stream.index] = copy

    def frame(self, frame: Any, pts: int, duration: int, time_base: Fraction) -> None:
        """Encodes a frame; ``pts`` and ``duration`` in units of ``time_base``."""
        if frame.format.name != self.video.pix_fmt:
            frame = frame.reformat(format=self.video.pix_fmt)
        frame.pts, frame.time_base = pts, time_base
        frame.pict_type = 0  # the encoder chooses its own key frames
        self._durations[pts] = duration
        self._mux(self.video.encode(frame))

    def packet(self, packet: Any) -> None:
        """Writes a packet of a copied stream as it is."""
        copy = self._copies.get(packet.stream.index)
        if copy is not None:
            packet.stream = copy
            self.container.mux(packet)

    def _mux(self, packets: list[Any]) -> None:
        for packet in packets:
            packet.stream = self.video
            if duration := self._durations.pop(packet.pts, 0):
                packet.duration = duration
            self.container.mux(packet)

    def finish(self) -> None:
        """Writes what the encoder still holds, and the end of the file."""
        self._mux(self.video.encode(None))
        self.container.close()

    def drop(self) -> None:
        """Closes the file as it is."""
        try:
            self.container.close()
        except (OSError, ValueError):  # it goes anyway; what went wrong is told already
            return


def _added(container: Any, stream: Any) -> Any:
    if stream.codec_context is None:
        return container.add_stream_from_template(stream)
    return container.add_stream_from_template(stream, opaque=True)


def _holds(container: str, stream: Any) -> bool:
    """Whether a container can hold a stream: its head is written, into memory."""
    import av

    try:
        with av.open(io.BytesIO(), "w", format=container) as trial:
            _added(trial, stream)
            trial.start_encoding()
    except (av.error.FFmpegError, ValueError):
        return False
    return True


def _describe(new: Any, old: Any) -> None:
    new.metadata.update({key: value for key, value in old.metadata.items() if not key.startswith(OF_PACKETS)})
    new.disposition = old.disposition.value  # older PyAV takes the number alone


def _common_clock(source: Source) -> int:
    """Ticks a second in which the beginnings of all streams are whole numbers, as far as that fits into the file."""
    clocks = [Fraction(stream.time_base).denominator for stream in source.container.streams if stream.time_base]
    common = math.lcm(*clocks)
    return common if common < 2**31 else max(clocks)


def _name(stream: Any) -> str:
    return stream.codec_context.name if stream.codec_context is not None else "unknown"


def _is_chapter_text(stream: Any, source: Source) -> bool:
    """Whether a stream is how QuickTime stores the names of chapters, which are written anew."""
    return (
        stream.type == "data" and stream.metadata.get("handler_name") == "SubtitleHandler" and bool(_chapters(source))
    )


def _chapters(source: Source, start: Fraction = Fraction(0)) -> list[Any]:
    """The chapters from ``start`` on, with times from there."""
    shifted = []
    for chapter in source.container.chapters():
        base = Fraction(chapter["time_base"] or MICROSECOND)
        offset = offset_of(source, start, base)
        if chapter["end"] > offset or not start:
            begin = max(chapter["start"] - offset, 0) if start else chapter["start"]
            shifted.append({**chapter, "start": begin, "end": chapter["end"] - offset})
    return shifted
