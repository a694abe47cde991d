"""Going back to where a run was started, so that the relative paths of its config mean what they meant there."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lowface_core.runs.training_folder import CONFIG, MANIFEST


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
