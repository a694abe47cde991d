"""The frames of a source in their order, with those in place that could not be decoded, and what else it holds."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from lowface_core.errors import DataError
from lowface_video.source import MICROSECOND, STDIN, Source, reason

#: Seconds that sound and subtitles may lie behind the frames of the same time in a file.
INTERLEAVED = 5
#: Seconds that a last frame may last, if that is far longer than the one before lasted, before others are missing.
MISSING = 2


class Shot(NamedTuple):
    """A frame and its time.

    Attributes:
        frame: of PyAV; None of a broken one.
        pts: its time, in ``time_base`` units from the beginning of the output.
        duration: until the next, in the same units; of the last 0 where it is not known.
        time_base: of the stream.
    """

    frame: Any
    pts: int
    duration: int
    time_base: Fraction

    @property
    def seconds(self) -> float:
        return float(self.pts * self.time_base)


def offset_of(source: Source, start: Fraction, time_base: Fraction) -> int:
    """What is taken from the times of a stream: nothing where the source is read from its beginning."""
    return round((source.origin + start) / time_base) if start else 0


def shots(source: Source, start: Fraction = Fraction(0), end: Fraction | None = None) -> Iterator[Any]:
    """Each frame as a :class:`Shot`, and each packet of another stream as it is but for its times.

    A packet of the video that cannot be decoded, or a frame that the decoder calls corrupt, is a shot without frame at
    its time. Only what begins between ``start`` and ``end`` is given.

    Args:
        start, end: in seconds from the beginning of the source.

    Raises:
        DataError: no frame at all could be decoded.
    """
    frames = _Frames(source, start, end)
    if start and source.container.duration and source.name != STDIN:
        source.container.seek(round((source.origin + start) / MICROSECOND), backward=True)
    for packet in _packets(source):
        if packet.stream.index == source.video.index:
            if not frames.over:
                yield from frames.of(packet)
            elif end is not None and packet.dts is not None:
                behind = packet.dts * packet.time_base - source.origin - end
                if behind > INTERLEAVED or not source.copied:
                    break
        elif packet.dts is not None or packet.pts is not None:
            moment = (packet.dts if packet.pts is None else packet.pts) * packet.time_base - source.origin
            if (start and moment < start) or (end is not None and moment >= end):
                continue
            offset = offset_of(source, start, packet.time_base)
            if offset:
                packet.pts = None if packet.pts is None else packet.pts - offset
                packet.dts = None if packet.dts is None else packet.dts - offset
            yield packet
    yield from frames.rest()
    if not frames.decoded:
        raise DataError(f"{source.name}: no frame of it can be decoded")


def _packets(source: Source) -> Iterator[Any]:
    """What is demuxed; a source that breaks off ends there, with what was read of it."""
    import av

    try:
        yield from source.container.demux()
    except av.error.FFmpegError as error:
        source.breaks_off = reason(error)


class _Frames:
    """Decodes the packets of the video."""

    def __init__(self, source: Source, start: Fraction, end: Fraction | None) -> None:
        self.source, self.start, self.end = source, start, end
        self.time_base: Fraction = source.video.time_base
        self.offset = offset_of(source, start, self.time_base)
        self.lost: list[tuple[int, int]] = []  # times and durations of packets that were not decoded
        self.last: int | None = None
        self.step = max(1, round(1 / source.rate / self.time_base))
        self.decoded = 0
        self.over = False
        self.gap = 0  # between the last two frames
        self.held: Shot | None = None  # the last one, which lasts until the next; files tell that of no frame reliably

    def of(self, packet: Any) -> Iterator[Shot]:
        import av

        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            time = packet.dts if packet.pts is None else packet.pts
            if time is not None and not self.source.raw:  # of raw frames only the last can be cut off
                self.lost.append((time, packet.duration or 0))
            return
        for frame in frames:
            yield from self._one(frame)

    def _one(self, frame: Any) -> Iterator[Shot]:
        time = frame.pts if frame.pts is not None else frame.dts
        if time is None:
            time = 0 if self.last is None else self.last + self.step
        earlier = sorted(each for each in self.lost if each[0] < time)
        self.lost = [each for each in self.lost if each[0] > time]
        for lost in earlier:
            yield from self._given(None, *lost)
        self.decoded += 1
        yield from self._given(None if frame.is_corrupt else frame, time, frame.duration or 0)

    def rest(self) -> Iterator[Shot]:
        """What was lost behind the last frame."""
        for lost in sorted(self.lost):
            yield from self._given(None, *lost)
        self.lost = []
        if self.held is not None:
            video, held = self.source.video, self.held
            left = (video.start_time or 0) + (video.duration or 0) - self.offset - held.pts
            lasts, before = (float(each * self.time_base) for each in (left, self.gap))
            if before and lasts > max(MISSING, 3 * before) and not self.over and not self.source.breaks_off:
                self.source.breaks_off = f"{lasts:.1f} s before the end that it states"
            yield held._replace(duration=left if 0 < left < 1000 * self.step and not self.over else held.duration)
            self.held = None

    def _given(self, frame: Any, time: int, duration: int) -> Iterator[Shot]:
        if self.last is not None and time <= self.last:  # encoders want times that rise
            time = self.last + 1
        moment = time * self.time_base - self.source.origin
        if self.end is not None and moment >= self.end:
            self.over = True
        if self.over or (self.start and moment < self.start):
            return
        self.last = time
        if self.held is not None:
            self.gap = time - self.offset - self.held.pts
            yield self.held._replace(duration=self.gap)
        self.held = Shot(frame, time - self.offset, duration, self.time_base)
