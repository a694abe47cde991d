"""Checkpoints of a run: tensors and plain data only, written whole, read with ``weights_only=True``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lowface_core.errors import LowfaceError, WeightsError
from lowface_core.files import write_whole
from lowface_core.weights.distrust import check_tensors
from lowface_core.weights.state_dict import read_file

FORMAT = 1
LAST, BEST = "last.pth", "best.pth"
#: What configs are made of, besides dicts and lists.
PLAIN = (bool, int, float, str, type(None))
#: Key of a run's checkpoint → its type, and how messages call it.
SCHEMA: dict[str, tuple[Any, str]] = {
    "format": (int, "a whole number"),
    "iter": (int, "a whole number"),
    "unmeasured": (bool, "True or False"),
    "seconds": ((int, float), "a number"),
    "processes": (int, "a whole number"),
    "data": (str, "a text"),
    "lowface": (str, "a text"),
    **dict.fromkeys(("state_dict", "model", "optimizer", "heads", "random", "best"), (Mapping, "a dict")),
    **dict.fromkeys(("config", "enhancer_config"), (Mapping, "a dict")),
}


def save(path: Path, content: dict[str, Any]) -> None:
    """Writes a checkpoint whole or not at all; a process killed meanwhile leaves the previous one."""
    write_whole(path, lambda part: torch.save({"format": FORMAT, **content}, part))


def load(path: Path, needed: Iterable[str] = ()) -> dict[str, Any]:
    """Reads a checkpoint that :func:`save` wrote.

    Args:
        needed: keys that must be there.

    Raises:
        WeightsError: missing, corrupt, or not a lowface checkpoint of a format this version knows; a key is missing or
            holds something else than :data:`SCHEMA` says.
    """
    content = read_file(path)
    if not isinstance(content, dict) or "format" not in content:
        raise WeightsError(f"{path}: is not a checkpoint of a lowface run")
    check(content, path)
    if content["format"] > FORMAT:
        raise WeightsError(f"{path}: was written by a newer lowface ({content.get('lowface')}); update to read it")
    if missing := [key for key in needed if key not in content]:
        raise _damaged(path, f"{missing[0]} is missing")
    return content


def check(content: Mapping[str, Any], path: str | Path) -> None:
    """Compares what a run wrote with :data:`SCHEMA`.

    Raises:
        WeightsError: names file, key and what was expected there.
    """
    for key, (kind, expected) in SCHEMA.items():
        value = content.get(key)
        # True is an int for Python
        if key not in content or (isinstance(value, kind) and isinstance(value, bool) == (kind is bool)):
            continue
        raise WeightsError(
            f"{path}: is damaged ({key} must be {expected}, not {kind_of(value)}); take another checkpoint"
        )
    states = {key: content.get(key, {}) for key in ("state_dict", "model")}
    states.update((f"heads.{name}", state) for name, state in content.get("heads", {}).items())
    for key, state in states.items():
        if not isinstance(state, Mapping):
            raise _damaged(path, f"{key} must be a dict, not {kind_of(state)}")
        odd = [name for name, value in state.items() if not isinstance(name, str) or not isinstance(value, Tensor)]
        if odd:
            raise _damaged(path, f"{key}[{odd[0]!r}] must be a tensor with a name, not {kind_of(state[odd[0]])}")
        check_tensors(state, path, f"{key}.")
    for key in ("config", "enhancer_config", "best"):
        if found := _not_plain(content.get(key, {}), key):
            raise _damaged(path, f"{found[0]} must be plain data, not {kind_of(found[1])}")
    config = content.get("enhancer_config", {"type": ""})
    if not isinstance(config.get("type"), str) or not all(isinstance(key, str) for key in config):
        raise WeightsError(
            f"{path}: is damaged (enhancer_config must name its type and keywords); take another checkpoint"
        )


def _not_plain(value: Any, place: str) -> tuple[str, Any] | None:
    """The first thing inside that no config could hold, with its place."""
    if isinstance(value, Mapping):
        pairs: Iterable[tuple[Any, Any]] = value.items()
        if odd := [key for key in value if not isinstance(key, PLAIN)]:
            return f"a key of {place}", odd[0]
    elif isinstance(value, (list, tuple)):
        pairs = enumerate(value)
    else:
        return None if isinstance(value, PLAIN) else (place, value)
    return next((found for key, inner in pairs if (found := _not_plain(inner, f"{place}.{key}"))), None)


def _damaged(path: str | Path, what: str) -> WeightsError:
    return WeightsError(f"{path}: is damaged ({what}); take another checkpoint")


def kind_of(value: Any) -> str:
    """What stands there instead, short enough for a line."""
    text = repr(value)
    return text if isinstance(value, (bool, int, float, str)) and len(text) < 40 else type(value).__name__


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
