"""Checkpoints of a run: tensors and plain data only, written whole, read with ``weights_only=True``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from lowface_core.errors import LowfaceError, WeightsError
from lowface_core.files import write_whole
from lowface_core.weights.state_dict import read_file

FORMAT = 1
LAST, BEST = "last.pth", "best.pth"


def save(path: Path, content: dict[str, Any]) -> None:
    """Writes a checkpoint whole or not at all; a process killed meanwhile leaves the previous one."""
    write_whole(path, lambda part: torch.save({"format": FORMAT, **content}, part))


def load(path: Path) -> dict[str, Any]:
    """Reads a checkpoint that :func:`save` wrote.

    Raises:
        WeightsError: missing, corrupt, or not a lowface checkpoint of a format this version knows.
    """
    content = read_file(path)
    if not isinstance(content, dict) or "format" not in content:
        raise WeightsError(f"{path}: is not a checkpoint of a lowface run")
    if content["format"] > FORMAT:
        raise WeightsError(f"{path}: was written by a newer lowface ({content.get('lowface')}); update to read it")
    return content


def in_work_dir(work_dir: Path, prefer: tuple[str, ...] = (LAST, BEST)) -> Path:
    """The checkpoint a work dir stands for.

    Raises:
        LowfaceError: it holds none.
    """
    for name in prefer:
        if (work_dir / name).is_file():
            return work_dir / name
    raise LowfaceError(f"{work_dir}: holds no checkpoint ({' or '.join(prefer)})")


def random_state() -> dict[str, Any]:
    """State of torch's generators; samples draw from generators of their own, so these serve dropout and the like."""
    state: dict[str, Any] = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        state["cuda"] = torch.cuda.get_rng_state_all()
    return state


def restore_random_state(state: dict[str, Any]) -> None:
    """Sets torch's generators back to what :func:`random_state` recorded."""
    torch.set_rng_state(state["cpu"])
    if torch.cuda.is_available() and len(state.get("cuda", [])) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(state["cuda"])
