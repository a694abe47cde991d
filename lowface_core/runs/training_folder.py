"""Training folders: chosen so that no earlier run is overwritten unasked, held by one process at a time."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shlex
import socket
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from lowface_core.data.normal_form import normal_form
from lowface_core.errors import BusyError, LowfaceError
from lowface_core.files import drop_parts, exclusive, numbered, write_json, write_text
from lowface_core.runs import checkpoint

MANIFEST, CONFIG, LOCK = "manifest.json", "config.py", ".lock"
#: What a manifest's list of segments repeats for each of them.
OF_SEGMENT = ("started", "command", "lowface", "git_commit", "device", "processes")


class TrainingFolder:
    """The folder of one run.

    Args:
        path: the folder.
        locked: makes sure that no other process writes here, until :meth:`close` or the end of the process.

    Raises:
        BusyError: another process has it; the message says which.
        LowfaceError: it cannot be made, written or locked.
    """

    def __init__(self, path: Path, locked: bool = True) -> None:
        try:
            str(path).encode()
        except UnicodeError:  # neither TensorBoard nor torch can write there
            raise LowfaceError(f"{normal_form(str(path))}: the name is not UTF-8; give another --work-dir") from None
        self.path, self._held = path, contextlib.ExitStack()
        if not locked:
            return
        file = path / LOCK
        try:
            holder = file.read_text(errors="replace").strip() if file.is_file() else ""
            message = f"{path}: in use by {holder or 'another process'}; wait for it, or give another --work-dir"
            self._held.enter_context(exclusive(file, message))
            file.write_text(f"process {os.getpid()} on {socket.gethostname()} since {datetime.now():%Y-%m-%d %H:%M}\n")
        except OSError as error:
            self.close()
            raise LowfaceError(f"{path}: cannot be written ({error.strerror or error})") from error

    @classmethod
    def claim(cls, given: str | None, config_name: str, resume: str | None) -> TrainingFolder:
        """The folder a run writes into.

        Args:
            given: the config's or command line's ``work_dir``; None: ``work_dirs/<config name>``, numbered when taken.
            resume: None; ``auto``, if the run continues the one in this folder, which then must exist; or a checkpoint.

        Raises:
            LowfaceError: the folder holds another run, is in use or cannot be written; there is nothing to resume.
        """
        if given is None and resume != "auto":
            folder = _first_free(config_name)
        else:
            path = Path(given).expanduser() if given is not None else _last_taken(config_name)
            if resume == "auto" and not path.is_dir():
                raise LowfaceError(f"{path}: no such work dir to resume")
            if resume == "auto" and not (_holds_run(path) or (path / checkpoint.LAST).is_file()):
                raise LowfaceError(f"{path}: holds no run to resume")
            folder = cls(path)
            if resume is None and _holds_run(path):
                folder.close()
                raise LowfaceError(
                    f"{path}: already holds a run; add --resume to continue it, or give another --work-dir"
                )
        drop_parts(folder.path)
        return folder

    def last_checkpoint(self) -> Path | None:
        """Where the run continues; None when it stopped before its first checkpoint, so that it starts anew."""
        if (self.path / checkpoint.LAST).is_file():
            return self.path / checkpoint.LAST
        print(f"{self.path}: stopped before its first checkpoint; starting anew", file=sys.stderr)
        return None

    def begin(
        self,
        config: str,
        facts: Mapping[str, Any],
        source: Path | None = None,
        iteration: int = 0,
        changed: Mapping[str, Any] | None = None,
    ) -> None:
        """Records that a run begins or goes on: ``config.py``, and a segment of the manifest.

        Args:
            config: the resolved config as Python text.
            facts: see :func:`lowface_core.runs.manifest.manifest`.
            source: checkpoint that it continues; the manifest beside it holds what came before.
            iteration: where it continues; segments from there on left nothing behind, and are dropped.
            changed: settings that differ from the checkpoint's: name → [before, now].
        """
        before: dict[str, Any] = {}
        if source is not None and _holds_run(source.parent):
            before = json.loads((source.parent / MANIFEST).read_text(encoding="utf-8"))
        segments = [s for s in before.get("segments", []) if s["iteration"] < iteration]
        segments.append({"iteration": iteration, **{k: facts[k] for k in OF_SEGMENT}, "changed": dict(changed or {})})
        first = {key: before[key] for key in ("started", "command") if key in before}
        write_text(self.path / CONFIG, config)
        write_json(self.path / MANIFEST, {**facts, **first, "cwd": os.getcwd(), "segments": segments})

    def resume_command(self, command: str, processes: int = 1) -> str:
        """The command line that continues the run, by the resolved config kept here, with as many processes."""
        config, path = shlex.quote(str(self.path / CONFIG)), shlex.quote(str(self.path))
        words = f"{command} {config} --work-dir {path} --resume"
        if processes == 1:
            return f"lowface {words}"
        here = os.environ.get("LOCAL_WORLD_SIZE", processes)
        return f"torchrun --nproc-per-node {here} -m lowface_core {words} --launcher pytorch"

    def close(self) -> None:
        """Gives the folder back."""
        self._held.close()


def _holds_run(path: Path) -> bool:
    return (path / MANIFEST).is_file()


def _first_free(config_name: str) -> TrainingFolder:
    for path in numbered(Path("work_dirs", config_name)):
        if _holds_run(path):
            continue
        try:
            folder = TrainingFolder(path)
        except BusyError:  # a run that begins at this moment
            continue
        if not _holds_run(path):
            return folder
        folder.close()
    raise AssertionError("numbers have no end")


def _last_taken(config_name: str) -> Path:
    base = Path("work_dirs", config_name)
    taken = list(itertools.takewhile(_holds_run, numbered(base)))
    if not taken:
        raise LowfaceError(f"{base}: holds no run to resume; give its --work-dir, or --resume CHECKPOINT")
    return taken[-1]


@contextlib.contextmanager
def started_in(config: str, cfg: dict[str, Any], work_dir: str | None, resume: str | None) -> Iterator[str | None]:
    """Works, when a run is resumed by its ``config.py``, in the folder where it was started, if that is still there.

    Args:
        config, work_dir, resume: as given on the command line, in the present folder. A run's own config resumes that
            run, where no ``work_dir`` names another.
        cfg: the resolved config; ``work_dir`` is set in it.

    Yields:
        ``resume``, for the folder in which the block runs.
    """
    path = Path(config).expanduser()
    if resume is None or path.name != CONFIG or not path.with_name(MANIFEST).is_file():
        yield resume
        return
    here = there = os.getcwd()
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # written by an older lowface, or damaged
        there = json.loads(path.with_name(MANIFEST).read_text(encoding="utf-8"))["cwd"]
    moved = there != here and os.path.isdir(there)
    if resume == "auto" or work_dir is not None:
        given = path.parent if work_dir is None else Path(work_dir).expanduser()
        cfg["work_dir"] = str(given.resolve() if moved else given)
    if not moved:
        yield resume
        return
    resume = resume if resume == "auto" else str(Path(resume).expanduser().resolve())
    os.chdir(there)
    try:
        yield resume
    finally:
        os.chdir(here)
