"""Result folders: chosen so that no other result is overwritten, continued where an interrupted command stopped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lowface_core
from lowface_core.errors import LowfaceError
from lowface_core.runs.result_folder import REQUEST, UNFINISHED, ResultFolder
from lowface_core.runs.results import RESULT, SUMMARY, difference, read_result

__all__ = ["choose", "request_of"]


def choose(
    command: str, name: str, request: Mapping[str, Any], given: str | Path | None = None, overwrite: bool = False
) -> ResultFolder:
    """The folder a result goes to, ready to be written, continued or read back.

    Args:
        command: ``evaluate``, ``identify`` or ``verify``; part of the default folder.
        name: what is measured, for the default folder ``work_dirs/<command>/<name>``, which is numbered when it holds
            another result.
        request: plain data that say what is computed: data, weights, settings. Two commands with equal requests must
            give equal results, for the second one continues or reads back the first. The version of lowface is added.
        given: ``--work-dir``.
        overwrite: start anew where the folder holds a result, finished or not.

    Returns:
        the folder, to be used as a context; only one process at a time can have it.

    Raises:
        LowfaceError: ``given`` holds something else, another process works there, or it cannot be written.
    """
    wanted = json.loads(json.dumps({"lowface": lowface_core.__version__, **request}, default=str))
    if given is not None:
        path = Path(given).expanduser()
        if not overwrite:
            _refuse_another(path, wanted)
        _refuse_foreign(path)
    else:
        path = _default(Path("work_dirs") / command / (_safe(name) or command), wanted)
    return ResultFolder(path, wanted, overwrite)


def request_of(path: Path) -> dict[str, Any] | None:
    """What the result in a folder answers, finished or not; None when it holds none, empty when nobody can tell."""
    if (path / RESULT).is_file():
        try:
            return read_result(path)["manifest"].get("request", {})
        except LowfaceError:  # broken, or of a newer version
            return {}
    file = path / UNFINISHED / REQUEST
    try:
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None
    except (OSError, ValueError):
        return None


def _refuse_another(path: Path, wanted: Mapping[str, Any]) -> None:
    before = request_of(path)
    if before is not None and (other := difference(before, wanted)):
        kind = "another result" if (path / RESULT).is_file() else "an unfinished result with other settings"
        raise LowfaceError(
            f"{path}: holds {kind} ({other}); give another --work-dir, or --overwrite to drop what is there"
        )


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
    number, free = 1, None
    while True:
        path = base if number == 1 else base.with_name(f"{base.name}-{number}")
        if not path.exists():
            return free or path
        if request_of(path) == wanted:
            return path
        if free is None and path.is_dir() and not any(path.iterdir()):
            free = path
        number += 1


def _safe(name: str) -> str:
    """A name as a folder's name."""
    return "".join(c if c.isalnum() or c in "._-" else "-" for c in name).strip(".-")
