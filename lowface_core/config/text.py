"""A config as Python text that reads back as the same config, with a comment on each part."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from typing import Any

WIDTH = 110


def config_text(cfg: Mapping[str, Any], notes: Mapping[str, str]) -> str:
    """The text.

    Args:
        cfg: plain data: dicts, lists, scalars.
        notes: comments by path (``heads.face.encoder``), put on the line where the dict there begins.
    """
    return "\n".join(f"{key} = {_text(value, key, 0, notes, '')}" for key, value in cfg.items())


def _text(value: Any, path: str, depth: int, notes: Mapping[str, str], end: str) -> str:
    """A value with ``end`` (a comma) behind it, and behind that its comment."""
    note = f"  # {notes[path]}" if path in notes else ""
    flat = _flat(value)
    inside = any(other.startswith(f"{path}.") for other in notes)
    if not isinstance(value, (Mapping, list)) or (not inside and 4 * depth + len(path) + len(flat) <= WIDTH - 20):
        return f"{flat}{end}{note}"
    pad, close = "    " * (depth + 1), "    " * depth
    if isinstance(value, list):
        lines = [f"{pad}{_text(each, f'{path}.{i}', depth + 1, notes, ',')}\n" for i, each in enumerate(value)]
        return f"[{note}\n{''.join(lines)}{close}]{end}"
    named = _names(value)
    lines = []
    for key in sorted(value, key=lambda key: key != "type"):  # type= first; the rest stays in its order
        text = _text(value[key], f"{path}.{key}", depth + 1, notes, ",")
        lines.append(f"{pad}{key}={text}\n" if named else f"{pad}{key!r}: {text}\n")
    opened, closed = ("dict(", ")") if named else ("{", "}")
    return f"{opened}{note}\n{''.join(lines)}{close}{closed}{end}"


def _names(value: Mapping[str, Any]) -> bool:
    """Whether all keys can be written as keywords."""
    return all(key.isidentifier() and not keyword.iskeyword(key) for key in value)


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        if _names(value):
            return f"dict({', '.join(f'{k}={_flat(v)}' for k, v in value.items())})"
        return f"{{{', '.join(f'{k!r}: {_flat(v)}' for k, v in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flat, value))}]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, float) and value != value:
        return 'float("nan")'
    if value in (float("inf"), float("-inf")) and isinstance(value, float):
        return f'float("{value}")'
    if isinstance(value, str):
        # Python's own choice of quotes, but double ones where nothing speaks against them, as configs are written
        return f'"{value}"' if value.isprintable() and not set('"\\') & set(value) else repr(value)
    return repr(value)
