"""A folder that receives one result: lines as it goes, a state to go on from, the result at the end."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout

from lowface_core.errors import LowfaceError
from lowface_core.files import json_text, write_json, write_whole
from lowface_core.runs.results import RESULT, read_result, write_result
from lowface_core.runs.thumbnails import Thumbnails

PICTURES, THUMBNAILS = "pictures.jsonl", "pictures"
UNFINISHED, REQUEST, STATE = ".unfinished", "request.json", "state.pth"
#: Seconds between two saves of the state; what is computed after the last one is computed again after a kill.
SECONDS = 5.0


class ResultFolder:
    """A folder that receives one result.

    Attributes:
        path: the folder.
        finished: the result, if an equal command has finished it before; else None.
        interrupted: whether an equal command has begun it and not finished.
        thumbnails: pictures for its galleries, written at the end; saved and read back with the state.
        seconds: least time between two saves of the state.

    Args:
        path: from :func:`choose`, which has made sure that it is ours.
        request: what is computed, as plain data.
        overwrite: drop what is there.

    Raises:
        LowfaceError: the folder cannot be written, or another process works in it.
    """

    def __init__(self, path: Path, request: Mapping[str, Any], overwrite: bool = False) -> None:
        self.path, self.request, self.seconds = path, dict(request), SECONDS
        self.finished = read_result(path) if (path / RESULT).is_file() and not overwrite else None
        self.interrupted = self.finished is None and not overwrite and (path / UNFINISHED / REQUEST).is_file()
        self.thumbnails = Thumbnails()
        self._lock: FileLock | None = None
        self._lines: IO[bytes] | None = None
        self._saved = time.monotonic()
        if self.finished is None:
            self._start(overwrite)
        else:
            with contextlib.suppress(OSError):  # what a process that was killed while it tidied up left behind
                _drop_private(path)

    def __enter__(self) -> ResultFolder:
        return self

    def __exit__(self, *_: object) -> None:
        if self._lines is not None:
            self._lines.close()
        if self._lock is not None:
            self._drop_untouched()
            self._lock.release()
        self._lines = self._lock = None

    def _drop_untouched(self) -> None:
        """A command that fails before its first picture leaves no trace: a corrected one finds the place free."""
        lines = self.path / PICTURES
        if self.finished is None and not (self.path / UNFINISHED / STATE).exists():
            if lines.is_file() and lines.stat().st_size:
                return
            lines.unlink(missing_ok=True)
            _drop_private(self.path)
            if not any(self.path.iterdir()):
                self.path.rmdir()

    def _start(self, overwrite: bool) -> None:
        private = self.path / UNFINISHED
        try:
            private.mkdir(parents=True, exist_ok=True)
            lock = FileLock(private / "lock", timeout=0)
            lock.acquire()
        except Timeout:
            raise LowfaceError(f"{self.path}: another process is working on this result; wait for it") from None
        except OSError as error:
            raise LowfaceError(f"{self.path}: cannot be written ({error.strerror}); give another --work-dir") from error
        self._lock = lock
        if overwrite:
            for file in (self.path / RESULT, self.path / PICTURES, private / STATE):
                file.unlink(missing_ok=True)
            self._drop_thumbnails()
        for folder in (self.path, private):  # half a file of a process that was killed while it wrote
            for stale in folder.glob(".*.part*"):
                stale.unlink(missing_ok=True)
        write_json(private / REQUEST, self.request)

    def _drop_thumbnails(self) -> None:
        folder = self.path / THUMBNAILS
        if (folder / "index.json").is_file():
            for file in (*folder.glob("*.jpg"), folder / "index.json"):
                file.unlink(missing_ok=True)

    def state(self) -> dict[str, Any] | None:
        """What the interrupted command saved last, with ``pictures.jsonl`` cut back to that moment; None to start anew.

        Tensors come back on the CPU. To be called once, before the first :meth:`line`.
        """
        from lowface_core.weights.state_dict import read_file

        file, lines = self.path / UNFINISHED / STATE, self.path / PICTURES
        saved = None
        if file.is_file():
            try:
                saved = read_file(file)
            except LowfaceError as error:
                print(f"starting anew: {error}", file=sys.stderr)
        if saved and (lines.stat().st_size if lines.is_file() else 0) < saved["length"]:
            print(f"starting anew: {lines} is shorter than when it was saved", file=sys.stderr)
            saved = None
        self._open(saved["length"] if saved else 0)
        if not saved:
            return None
        self.thumbnails.load_state(saved["thumbnails"])
        return dict(saved["state"])

    def _open(self, length: int) -> None:
        file = self.path / PICTURES
        try:
            self._lines = file.open("ab")
            self._lines.truncate(length)
        except OSError as error:
            raise LowfaceError(f"{file}: cannot be written ({error.strerror})") from error

    def line(self, content: Mapping[str, Any]) -> None:
        """Adds a line to ``pictures.jsonl``; non-finite numbers become null."""
        if self._lines is None:
            self._open(0)
        assert self._lines is not None
        self._lines.write(json_text(dict(content), indent=None).encode() + b"\n")

    def due(self) -> bool:
        """Whether it is time to save the state."""
        return time.monotonic() - self._saved >= self.seconds

    def save(self, state: Mapping[str, Any]) -> None:
        """Saves the state whole or not at all, with the lines and thumbnails so far.

        Args:
            state: tensors and plain data (None, numbers, texts, lists, dicts) from which the command can go on.
        """
        import torch

        content = {"state": dict(state), "length": self._flushed(), "thumbnails": self.thumbnails.state()}
        write_whole(self.path / UNFINISHED / STATE, lambda part: torch.save(content, part))
        self._saved = time.monotonic()

    def _flushed(self) -> int:
        if self._lines is None:
            return 0
        self._lines.flush()
        os.fsync(self._lines.fileno())
        return self._lines.tell()

    def finish(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """Writes thumbnails, then ``result.json``, whose presence means finished, and removes the private state.

        Args:
            result: see :func:`lowface_core.runs.results.write_result`; its ``manifest`` gets the request.

        Returns:
            the result as it was written.
        """
        if self._lines is None:
            self._open(0)
        self._flushed()
        self._drop_thumbnails()
        self.thumbnails.write(self.path / THUMBNAILS)
        manifest = {**result.get("manifest", {}), "request": self.request}
        self.finished = write_result(self.path, {**result, "manifest": manifest})
        self.__exit__()
        _drop_private(self.path)
        return self.finished


def _drop_private(path: Path) -> None:
    private = path / UNFINISHED
    for file in (private / STATE, private / REQUEST, private / "lock"):
        file.unlink(missing_ok=True)
    if private.is_dir() and not any(private.iterdir()):
        private.rmdir()
