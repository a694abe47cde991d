"""Folders that lowface writes to: whether it may, and how much room there is."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lowface_core.doctor.finding import FAULT, OK, WARNING, Finding
from lowface_core.weights.record import home

#: GiB that a run and its weights need; under the second little works.
ROOM, TIGHT = 2.0, 0.1


def check() -> Iterator[Finding]:
    """The weight store, the current folder, the folder of temporary files."""
    yield from place(home(), "the weight store (LOWFACE_HOME)", "set LOWFACE_HOME to a folder of yours", FAULT)
    try:
        here = Path.cwd()
    except OSError:
        yield Finding(WARNING, "the current folder has gone", "cd to another one")
    else:
        cure = "run lowface where you may write, or give --work-dir"
        yield from place(here, "the current folder, where work_dirs/ goes", cure, WARNING)
    try:
        temporary = Path(tempfile.gettempdir())
    except OSError as error:
        yield Finding(FAULT, f"there is no folder for temporary files ({error.strerror})", "set TMPDIR")
    else:
        yield from place(temporary, "the folder of temporary files", "set TMPDIR to a folder of yours", WARNING)


def place(path: Path, what: str, cure: str, level: str) -> Iterator[Finding]:
    """Findings about one folder.

    Args:
        path: it need not exist yet; then the folder that it would be made in is looked at.
        what: what it is for.
        cure: what to do when it cannot be written.
        level: of a folder that cannot be written.
    """
    path = Path(os.path.abspath(path.expanduser()))
    existing = next((folder for folder in (path, *path.parents) if os.path.lexists(folder)), path)
    reason = _refusal(existing)
    if reason:
        where = "" if existing == path else f" {existing}"
        yield Finding(level, f"{path}, {what}, cannot be written: {where.strip() or 'it'} {reason}", cure)
        return
    gib = shutil.disk_usage(existing).free / 2**30
    text = f"{path}, {what}: can be {'written' if existing == path else 'made'}, {gib:.1f} GiB free"
    if gib < ROOM:
        yield Finding(FAULT if gib < TIGHT else WARNING, text, f"make room, or {cure}")
    else:
        yield Finding(OK, text)


def _refusal(folder: Path) -> str | None:
    """Why no file can be made in a folder; None when one can."""
    if not folder.is_dir():
        return "is a file, not a folder" if folder.exists() else "is a link to nowhere"
    try:
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return f"refuses ({error.strerror})"
