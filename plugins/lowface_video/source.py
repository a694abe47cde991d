"""What is read: a file, a stream, a camera or standard input, opened, and its streams told apart."""

from __future__ import annotations

import sys
from fractions import Fraction
from typing import Any

from lowface_core.errors import DataError, LowfaceError
from lowface_core.lazy import needed

#: Seconds after which a stream that does not open, or sends nothing, is given up.
TIMEOUTS = (15.0, 30.0)
#: Units of the times of a container, in seconds.
MICROSECOND = Fraction(1, 1_000_000)
#: What standard input is called.
STDIN = "standard input"
#: Frames a second of raw pixels, where nobody says.
RATE = 25.0


class Source:
    """An opened input.

    Attributes:
        name: what it was opened from, for messages.
        container: of PyAV.
        video: the stream of it whose frames are enhanced: the first one that is no cover.
        copied: the streams whose packets are copied: sound, subtitles, data, covers, further video.
        raw: whether it is bare pixels.
        live: whether it has no end of its own, as far as one can know.
        breaks_off: why there is no more of it than was read, in a few words; empty: that was all.
        idle: whether nobody reads from it, so that it can be closed.
        origin: time of its beginning, in seconds: what ``--start 0`` means.

    Raises:
        PluginError: PyAV is not installed.
        DataError: it cannot be opened, or holds no video.
    """

    def __init__(
        self,
        name: str,
        pixel_format: str | None = None,
        size: tuple[int, int] | None = None,
        rate: float | None = None,
    ) -> None:
        self.name, self.raw = name, False
        self.breaks_off, self.idle = "", True
        av = needed("av", "video", "video")
        file: Any = name
        format, options = None, {}
        if name == "-":
            file, self.name = sys.stdin.buffer, STDIN
            if size is not None:
                self.raw = True
                format = "rawvideo"
                options = {
                    "pixel_format": pixel_format or "rgb24",
                    "video_size": f"{size[0]}x{size[1]}",
                    "framerate": str(Fraction(rate or RATE).limit_denominator(1_000_000)),
                }
                _check_format(pixel_format or "rgb24")
        elif name.startswith("/dev/"):
            format = "v4l2"
        streamed = "://" in name
        try:
            self.container = av.open(
                file, format=format, options=options, timeout=TIMEOUTS if streamed else None, metadata_errors="replace"
            )
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise DataError(f"{self.name}: cannot be opened as video ({reason(error)})") from error
        streams = [stream for stream in self.container.streams if stream.type == "video"]
        self.video: Any = next((stream for stream in streams if not is_cover(stream)), None)
        if self.video is None or not self.video.codec_context.width:
            self.container.close()
            raise DataError(f"{self.name}: holds no video that can be read")
        self.video.thread_type = "SLICE"  # with a thread a frame, an error comes with a later frame than its own
        self.copied = [stream for stream in self.container.streams if stream.index != self.video.index]
        start = self.container.start_time
        self.origin = Fraction(0) if start is None else start * MICROSECOND
        self.live = not self.raw and name != "-" and (streamed or format is not None) and not self.container.duration

    def close(self) -> None:
        """Closes it, unless a camera that sends nothing more is still waited for: it goes with the process then."""
        if self.idle:
            self.container.close()

    @property
    def rate(self) -> Fraction:
        """Mean number of frames in a second."""
        rate = self.video.average_rate or self.video.guessed_rate or self.video.base_rate
        return Fraction(rate) if rate else Fraction(25)

    def frames(self, start: Fraction, end: Fraction | None) -> int | None:
        """About how many frames there are between two times; None where nobody knows."""
        if not self.container.duration or self.container.duration < 0:
            return None
        whole = self.container.duration * MICROSECOND
        if self.video.frames and not start and (end is None or end >= whole):
            return int(self.video.frames)
        return max(0, round((min(whole, end or whole) - start) * self.rate))


def is_cover(stream: Any) -> bool:
    """Whether a video stream is one picture for the shelf."""
    return bool(stream.disposition & type(stream.disposition).attached_pic)


def reason(error: BaseException) -> str:
    """What went wrong in FFmpeg, in its own words."""
    return str(getattr(error, "strerror", None) or error).strip() or type(error).__name__


def _check_format(name: str) -> None:
    import av

    try:
        av.VideoFormat(name)
    except ValueError:
        raise LowfaceError(f"--pixel-format {name}: no such format; write one of FFmpeg, as rgb24 or yuv420p") from None
