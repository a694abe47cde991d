"""``--report`` of a video: a line a frame, kept on disk while they come, however long it lasts."""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections import Counter
from pathlib import Path

from lowface_core.files import write_whole
from lowface_video.frame_work import Done

COLUMNS = ("frame", "seconds", "action", "brightness_before", "brightness_after", "cut")


class FrameReport:
    """Counts frames by what was done with them, and lists them where a report is asked for.

    Args:
        path: the CSV file to write; None: none.

    Attributes:
        counts: ``enhanced``, ``passed`` and ``concealed`` frames.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.counts = Counter({"enhanced": 0, "passed": 0, "concealed": 0})
        self._rows = None if path is None else tempfile.TemporaryFile("w+", encoding="utf-8", newline="")  # noqa: SIM115
        if self._rows is not None:
            csv.writer(self._rows, lineterminator="\n").writerow(COLUMNS)

    def add(self, done: Done) -> None:
        """Counts a frame."""
        self.counts[done.action] += 1
        if self._rows is not None:
            numbers = (round(done.before, 6), round(done.after, 6), int(done.cut))
            row = (done.number, f"{done.shot.seconds:.6f}", done.action, *numbers)
            csv.writer(self._rows, lineterminator="\n").writerow(row)

    def write(self) -> None:
        """Writes the report, whole or not at all."""
        if self.path is None or self._rows is None:
            return
        self._rows.seek(0)
        rows = self._rows

        def copy(part: Path) -> None:
            with part.open("w", encoding="utf-8", newline="") as file:
                shutil.copyfileobj(rows, file)

        write_whole(self.path, copy)
        self._rows.close()
