"""Work dirs: chosen so that no earlier run is overwritten unasked."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from lowface_core.errors import LowfaceError
from lowface_core.files import write_whole
from lowface_core.runs import checkpoint

MANIFEST = "manifest.json"


def choose(given: str | None, config_name: str, resume: str | None) -> Path:
    """The folder a run writes into.

    Args:
        given: the config's or command line's ``work_dir``; None: ``work_dirs/<config name>``, numbered when taken.
        resume: None; ``auto``, if the run continues the one in this folder, which then must exist; or a checkpoint.

    Raises:
        LowfaceError: the folder holds another run, there is nothing to resume, or it cannot be written.
    """
    if given is not None:
        path = Path(given).expanduser()
        if resume == "auto" and not path.is_dir():
            raise LowfaceError(f"{path}: no such work dir to resume")
        if resume is None and (path / MANIFEST).is_file():
            raise LowfaceError(f"{path}: already holds a run; add --resume to continue it, or give another --work-dir")
    else:
        path = _default(config_name, resume)
    write_whole(path / ".writable", lambda part: part.write_text(""))  # fails early, in one line
    (path / ".writable").unlink(missing_ok=True)
    for stale in path.glob(".*.part*"):  # half a file of a process that was killed while it wrote
        stale.unlink(missing_ok=True)
    return path


def last_checkpoint(work_dir: Path) -> Path | None:
    """Where the run in a work dir continues; None when it stopped before its first checkpoint, so that it starts anew.

    Raises:
        LowfaceError: the folder holds no run.
    """
    if (work_dir / checkpoint.LAST).is_file():
        return work_dir / checkpoint.LAST
    if not (work_dir / MANIFEST).is_file():
        raise LowfaceError(f"{work_dir}: holds no run to resume")
    print(f"{work_dir}: stopped before its first checkpoint; starting anew", file=sys.stderr)
    return None


def resume_command(command: str, work_dir: Path) -> str:
    """The command line that continues the run in a work dir, by the resolved config kept there."""
    return (
        f"lowface {command} {shlex.quote(str(work_dir / 'config.py'))} --work-dir {shlex.quote(str(work_dir))} --resume"
    )


def _default(config_name: str, resume: str | None) -> Path:
    base = Path("work_dirs") / config_name
    taken = [base] if (base / MANIFEST).is_file() else []
    number = 2
    while (numbered := base.with_name(f"{base.name}-{number}")).joinpath(MANIFEST).is_file():
        taken.append(numbered)
        number += 1
    if resume == "auto":
        if not taken:
            raise LowfaceError(f"{base}: holds no run to resume; give its --work-dir, or --resume CHECKPOINT")
        return taken[-1]
    return numbered if taken else base
