"""Work dirs: chosen so that no earlier run is overwritten unasked."""

from __future__ import annotations

from pathlib import Path

from lowface_core.errors import LowfaceError
from lowface_core.files import write_whole

MANIFEST = "manifest.json"


def choose(given: str | None, config_name: str, resume: bool) -> Path:
    """The folder a run writes into.

    Args:
        given: the config's or command line's ``work_dir``; None: ``work_dirs/<config name>``, numbered when taken.
        resume: whether the run continues an earlier one, which then must exist.

    Raises:
        LowfaceError: the folder holds another run, there is nothing to resume, or it cannot be written.
    """
    if given is not None:
        path = Path(given).expanduser()
        if not resume and (path / MANIFEST).is_file():
            raise LowfaceError(f"{path}: already holds a run; add --resume to continue it, or give another --work-dir")
    else:
        path = _default(config_name, resume)
    write_whole(path / ".writable", lambda part: part.write_text(""))  # fails early, in one line
    (path / ".writable").unlink(missing_ok=True)
    return path


def _default(config_name: str, resume: bool) -> Path:
    base = Path("work_dirs") / config_name
    taken = [base] if (base / MANIFEST).is_file() else []
    number = 2
    while (numbered := base.with_name(f"{base.name}-{number}")).joinpath(MANIFEST).is_file():
        taken.append(numbered)
        number += 1
    if resume:
        if not taken:
            raise LowfaceError(f"{base}: holds no run to resume; give its --work-dir, or --resume CHECKPOINT")
        return taken[-1]
    return numbered if taken else base
