"""Enhancing a video: from a source to a sink, frame by frame, in memory that does not grow with its length."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import click

from lowface_core.data.normal_form import printable
from lowface_core.errors import DataError, LowfaceError
from lowface_core.files import write_whole
from lowface_core.progress import counted
from lowface_core.registry.media import MediaJob, MediaResult
from lowface_core.step.steady_enhancer import FIRST
from lowface_video.encoders import Choice, choose, container_of, raw_choice
from lowface_video.frame_work import Done, FrameWork
from lowface_video.pixels import coding_of
from lowface_video.queues import Ahead, Behind
from lowface_video.report import FrameReport
from lowface_video.shots import Shot, shots
from lowface_video.sink import Sink
from lowface_video.source import Source, reason

#: Time constant of what is averaged over frames, in seconds.
SMOOTHING = 2.0
#: Bytes of frames that wait before and behind the network, and how many frames at most.
WAITING, MOST = 96 * 2**20, 8
#: Bytes of frames that wait where a scene begins.
BEGINNING = 256 * 2**20


class Part(NamedTuple):
    """The part of a source that is asked for, in seconds."""

    start: Fraction
    end: Fraction | None


def enhance_video(
    job: MediaJob,
    *,
    quality: int | None = None,
    start: Fraction = Fraction(0),
    end: Fraction | None = None,
    smoothing: float = SMOOTHING,
    pixel_format: str | None = None,
    size: tuple[int, int] | None = None,
    rate: float | None = None,
) -> MediaResult:
    """Enhances a video, a camera or a pipe.

    Args:
        quality: 1 to 100.
        start, end: what to enhance, in seconds from the beginning.
        smoothing: see :class:`lowface_core.step.steady_enhancer.SteadyEnhancer`.
        pixel_format, size, rate: of raw frames on standard input; ``pixel_format`` of those on standard output as well.

    Returns:
        how many frames were written; ``faults`` counts those that could not be decoded.

    Raises:
        LowfaceError: what was asked for does not go together, or a file exists.
        DataError: the source cannot be read, or the output not written.
        NonFiniteError: the enhancer answers with pixels that are no numbers; nothing is written then.
    """
    target = _target(job, end, start)
    if (pixel_format or rate) and not size and (job.source == "-" or target is not None):
        flag = "--pixel-format" if pixel_format else "--rate"
        raise LowfaceError(f"{flag}: is for raw frames; give their size, as in lowface enhance - --size 640x360")
    if size and job.source != "-":
        raise LowfaceError("--size: is for raw frames on standard input; leave it out, or read from -")
    if quality is not None and target is None:
        raise LowfaceError("--quality: raw frames are not compressed; leave it out")
    if target is not None and target.exists() and job.existing == "keep":
        return MediaResult(f"{target} exists and is left", 0, {"written": [], "failed": [], "frames": 0})
    for path in (target, job.report):
        if path is not None and path.exists() and job.existing != "replace":
            raise LowfaceError(f"{path}: exists; add --overwrite, or give another name")
    source = Source(job.source, pixel_format, size, rate)
    try:
        work = FrameWork(job.enhancer(), job.level, smoothing, source.name)
        run = _Run(source, work, Part(start, end), quality, FrameReport(job.report))
        if target is None:
            run.into(sys.stdout.buffer, "rawvideo", pixel_format or "rgb24")
        else:
            container = container_of(target.suffix.lower(), str(target))
            write_whole(target, lambda part: run.into(str(part), container, target.suffix.lower()), DataError)
        run.report.write()
    finally:
        source.close()
    result = run.result(str(target) if target is not None else "standard output")
    if run.interrupted:
        click.echo(result.told, err=True)
        raise KeyboardInterrupt
    return result


def _target(job: MediaJob, end: Fraction | None, start: Fraction) -> Path | None:
    """The file to write; None for standard output."""
    if end is not None and end <= start:
        raise LowfaceError(f"--end {float(end):g}: is not after --start {float(start):g}")
    if job.output == "-":
        return None
    target = Path(job.output)
    if target.is_dir() or job.output.endswith("/"):
        if job.source == "-" or "://" in job.source or job.source.startswith("/dev/"):
            raise LowfaceError(f"{target}: is a folder; name a file with -o, such as {target / 'bright.mkv'}")
        target = target / Path(job.source).name
    container_of(target.suffix.lower(), str(target))
    here = Path(job.source)
    if target.exists() and here.exists() and target.samefile(here):
        raise LowfaceError(f"{target}: would overwrite its input; give another name with -o")
    return target


class _Run:
    """One way through a source."""

    def __init__(self, source: Source, work: FrameWork, part: Part, quality: int | None, report: FrameReport) -> None:
        self.source, self.work, self.part, self.quality, self.report = source, work, part, quality, report
        self.notes: list[str] = []
        self.interrupted = False

    def into(self, file: Any, container: str, form: str) -> None:
        """Reads, enhances and writes everything.

        Args:
            form: the ending of the file, or the pixel format of raw frames.
        """
        import av

        try:
            self._into(file, container, form)
        except av.error.FFmpegError as error:
            if isinstance(error, OSError) and error.errno and error.errno < 1000:
                raise OSError(error.errno, reason(error)) from error  # the disk, the pipe: whoever wrote them says so
            raise DataError(f"{self.source.name}: cannot be written as {container} ({reason(error)})") from error

    def _into(self, file: Any, container: str, form: str) -> None:
        items = shots(self.source, *self.part)
        early, first = _until_a_frame(items, self.source.name)
        coding = coding_of(first.frame)
        width, height = self.work.upright_size(first.frame)
        raw = container == "rawvideo"
        choice: Choice = raw_choice(coding, form) if raw else choose(form, coding, width, height)
        sink = Sink(
            file,
            container,
            choice,
            self.source,
            first.frame,
            (width, height),
            choice.options(self.quality),
            self.part.start,
        )
        self.notes = [note for note in (choice.note, *sink.notes, *self.work.notes(first.frame)) if note]
        for note in self.notes:
            click.echo(f"lowface: {printable(f'{self.source.name}: {note}')}", err=True)
        weight = width * height * 12  # of its RGB
        waiting = max(2, min(MOST, WAITING // weight))
        self.work.steady.first = max(1, min(FIRST, BEGINNING // weight))
        finished = False

        def write(done: Any) -> None:
            if isinstance(done, Done):
                shot = done.shot
                sink.frame(self.work.encoded(done, choice.coding), shot.pts, shot.duration, shot.time_base)
            else:
                sink.packet(done)

        ahead: Ahead[Any] = Ahead(self.work.read(_chain(early, items)), waiting)
        behind: Behind[Any] = Behind(write, waiting)
        try:
            total = self.source.frames(*self.part)
            with counted("enhancing", total, unit="frames") as advance:
                self.interrupted = self._feed(ahead, behind, advance)
            behind.finish()
            sink.finish()
            finished = True
        finally:
            self.source.idle = ahead.stop()
            behind.stop()
            if not finished:
                sink.drop()

    def _feed(self, ahead: Ahead[Any], behind: Behind[Any], advance: Any) -> bool:
        """Lets the frames through the network; whether Ctrl-C ended a source that has no end of its own."""
        try:
            for item in self.work.enhanced(ahead):
                if isinstance(item, Done):
                    self.report.add(item)
                    advance(1)
                behind.put(item)
        except KeyboardInterrupt:
            if not self.source.live:
                raise
            return True
        return False

    def result(self, name: str) -> MediaResult:
        """What is answered."""
        counts = self.report.counts
        frames = sum(counts.values())
        told = [f"{frames} frames written to {name}"]
        if counts["passed"]:
            told.append(f"{counts['passed']} of them bright enough and left as they were")
        if counts["concealed"]:
            told.append(f"{counts['concealed']} broken and replaced by the frame before")
        if self.source.breaks_off:
            told.append(f"the source breaks off ({self.source.breaks_off})")
        content = {"written": [name], "failed": [], "frames": frames, **counts, "notes": self.notes}
        return MediaResult(", ".join(told), counts["concealed"] + bool(self.source.breaks_off), content)


def _until_a_frame(items: Any, name: str) -> tuple[list[Any], Shot]:
    """What comes up to the first frame that can be decoded, and that frame."""
    early = []
    for item in items:
        early.append(item)
        if isinstance(item, Shot) and item.frame is not None:
            return early, item
    raise DataError(f"{name}: has no frame in the part that is asked for; look at --start and --end")


def _chain(early: list[Any], items: Any) -> Any:
    while early:  # not kept for as long as the video lasts
        yield early.pop(0)
    yield from items
