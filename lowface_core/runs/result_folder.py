"""A folder that receives one result: chosen so that no other is overwritten, continued where a command stopped."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import torch

import lowface_core
from lowface_core.errors import LowfaceError
from lowface_core.files import drop_parts, exclusive, json_text, naming, numbered, write_json, write_whole
from lowface_core.runs.results import RESULT, SUMMARY, difference, read_result, write_result
from lowface_core.runs.thumbnails import Thumbnails
from lowface_core.weights.state_dict import read_file

PICTURES, THUMBNAILS = "pictures.jsonl", "pictures"
UNFINISHED, REQUEST, STATE = ".unfinished", "request.json", "state.pth"
#: Seconds between two saves of the state; what is computed after the last one is computed again after a kill.
SECONDS = 5.0


def choose(
    command: str, name: str, request: Mapping[str, Any], given: str | Path | None = None, overwrite: bool = False
) -> ResultFolder:
    """The folder a result goes to, ready to be written, continued or read back.

    Args:
        command, name: the default folder is ``work_dirs/<command>/<name>``, numbered when it holds another result.
        request: plain data that say what is computed; the version of lowface is added. Equal requests must have equal
            results, for a second command continues or reads back the first.
        given: ``--work-dir``.
        overwrite: start anew where the folder holds a result, finished or not.

    Returns:
        the folder, to be used as a context; only one process at a time can have it.

    Raises:
        LowfaceError: ``given`` holds something else, another process works there, or it cannot be written.
    """
    wanted = json.loads(json.dumps({"lowface": lowface_core.__version__, **request}, default=str))
    if given is None:
        safe = "".join(c if c.isalnum() or c in "._-" else "-" for c in name).strip(".-")
        return ResultFolder(_default(Path("work_dirs") / command / (safe or command), wanted), wanted, overwrite)
    path = Path(given).expanduser()
    before = None if overwrite else _request_of(path)
    if before is not None and (other := difference(before, wanted)):
        what = "another result" if (path / RESULT).is_file() else "an unfinished result with other settings"
        cure = "give another --work-dir, or --overwrite to drop what is there"
        raise LowfaceError(f"{path}: holds {what} ({other}); {cure}")
    _refuse_foreign(path)
    return ResultFolder(path, wanted, overwrite)


def _request_of(path: Path) -> dict[str, Any] | None:
    """What the result in a folder answers, finished or not; None when it holds none, empty when nobody can tell."""
    if (path / RESULT).is_file():
        try:
            return read_result(path)["manifest"].get("request", {})
        except LowfaceError:  # broken, or of a newer version
            return {}
    with contextlib.suppress(OSError, ValueError):
        return json.loads((path / UNFINISHED / REQUEST).read_text(encoding="utf-8"))
    return None


def _refuse_foreign(path: Path) -> None:
    """A folder of somebody else's files is left alone: finishing and overwriting remove files."""
    if path.is_file():
        raise LowfaceError(f"{path}: is a file; --work-dir is a folder")
    if not path.is_dir() or (path / RESULT).is_file() or (path / UNFINISHED).is_dir():
        return
    if (path / SUMMARY).is_file() or (path / "manifest.json").is_file():
        raise LowfaceError(f"{path}: holds a training run; give another --work-dir")
    if any(not entry.name.startswith(".") for entry in path.iterdir()):
        raise LowfaceError(f"{path}: is not empty and holds no result; give another --work-dir")


def _default(base: Path, wanted: Mapping[str, Any]) -> Path:
    """The numbered folder that holds the same result, else the first free one."""
    free = None
    for path in numbered(base):
        if not path.exists():
            return free or path
        if _request_of(path) == wanted:
            return path
        if free is None and path.is_dir() and not any(path.iterdir()):
            free = path
    raise AssertionError("numbers have no end")


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
        self._lock = contextlib.ExitStack()
        self._lines: IO[bytes] | None = None
        self._saved = time.monotonic()
        if self.finished is None:
            self._start(overwrite)
        else:
            with contextlib.suppress(OSError):  # what a process that was killed while it tidied up left behind
                self._drop_private()

    def __enter__(self) -> ResultFolder:
        return self

    def __exit__(self, *_: object) -> None:
        if self._lines is not None:
            lines, self._lines = self._lines, None
            with naming(self.path / PICTURES):
                lines.close()
        if self.finished is None:
            self._drop_untouched()
        self._lock.close()

    def _drop_untouched(self) -> None:
        """A command that fails before its first picture leaves no trace: a corrected one finds the place free."""
        lines = self.path / PICTURES
        if not (self.path / UNFINISHED / STATE).exists() and not (lines.is_file() and lines.stat().st_size):
            lines.unlink(missing_ok=True)
            self._drop_private()
            if not any(self.path.iterdir()):
                self.path.rmdir()

    def _drop_private(self) -> None:
        for name in (STATE, REQUEST, "lock"):
            (self.path / UNFINISHED / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # somebody else's file is in it, or it has gone
            (self.path / UNFINISHED).rmdir()

    def _start(self, overwrite: bool) -> None:
        private = self.path / UNFINISHED
        try:
            message = f"{self.path}: another process is working on this result; wait for it"
            self._lock.enter_context(exclusive(private / "lock", message))
        except OSError as error:
            raise LowfaceError(f"{self.path}: cannot be written ({error.strerror}); give another --work-dir") from error
        if overwrite:
            for file in (self.path / RESULT, self.path / PICTURES, private / STATE):
                file.unlink(missing_ok=True)
            self._drop_thumbnails()
        drop_parts(self.path)
        drop_parts(private)
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
        file, lines = self.path / UNFINISHED / STATE, self.path / PICTURES
        try:
            saved = read_file(file) if file.is_file() else None
        except LowfaceError as error:
            print(f"starting anew: {error}", file=sys.stderr)
            saved = None
        if saved and (lines.stat().st_size if lines.is_file() else 0) < saved["length"]:
            print(f"starting anew: {lines} is shorter than when it was saved", file=sys.stderr)
            saved = None
        self._open(saved["length"] if saved else 0)
        if not saved:
            return None
        self.thumbnails.load_state(saved["thumbnails"])
        return dict(saved["state"])

    def _open(self, length: int = 0) -> IO[bytes]:
        file = self.path / PICTURES
        with naming(file):
            self._lines = file.open("ab")
            self._lines.truncate(length)
        return self._lines

    def line(self, content: Mapping[str, Any]) -> None:
        """Adds a line to ``pictures.jsonl``; non-finite numbers become null."""
        lines = self._lines or self._open()
        with naming(self.path / PICTURES):
            lines.write(json_text(dict(content), indent=None).encode() + b"\n")

    def due(self) -> bool:
        """Whether it is time to save the state."""
        return time.monotonic() - self._saved >= self.seconds

    def save(self, state: Mapping[str, Any]) -> None:
        """Saves the state whole or not at all, with the lines and thumbnails so far.

        Args:
            state: tensors and plain data (None, numbers, texts, lists, dicts) from which the command can go on.
        """
        content = {"state": dict(state), "length": self._flushed(), "thumbnails": self.thumbnails.state()}
        write_whole(self.path / UNFINISHED / STATE, lambda part: torch.save(content, part))
        self._saved = time.monotonic()

    def _flushed(self) -> int:
        lines = self._lines or self._open()
        with naming(self.path / PICTURES):
            lines.flush()
            os.fsync(lines.fileno())
        return lines.tell()

    def finish(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """Writes thumbnails, then ``result.json``, whose presence means finished, and removes the private state.

        Args:
            result: see :func:`lowface_core.runs.results.write_result`; its ``manifest`` gets the request.

        Returns:
            the result as it was written.
        """
        self._flushed()
        self._drop_thumbnails()
        self.thumbnails.write(self.path / THUMBNAILS)
        manifest = {**result.get("manifest", {}), "request": self.request}
        self.finished = write_result(self.path, {**result, "manifest": manifest})
        self.__exit__()
        self._drop_private()
        return self.finished
