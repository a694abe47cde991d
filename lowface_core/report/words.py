"""Parts of a result in a few words, for the notes below tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def darkened(content: Mapping[str, Any]) -> list[str]:
    """How the low pictures were made of normal ones, the same for every row; nothing for pictures that were dark."""
    protocol = content.get("protocol") or {}
    made = protocol.get("degradation")
    if not isinstance(made, dict):
        return []
    settings = ", ".join(f"{k} {_setting(v)}" for k, v in made.items() if k != "type")
    times = protocol.get("repeats") or 1
    often = f", {times} times each" if times > 1 else ""
    return [f"Low pictures: made by {made.get('type')}" + (f" ({settings})" if settings else "") + f"{often}."]


def _setting(value: Any) -> str:
    return "–".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def recogniser(content: Mapping[str, Any]) -> str:
    """With which networks faces were found and compared."""
    return f"Recogniser, the same for every row: {describe(content.get('recogniser'))}."


def describe(config: Any) -> str:
    """A component config in a few words: ``face (encoder mobilefacenet, detector retinaface)``."""
    if not isinstance(config, dict):
        return str(config or "not stated")
    own = str(config.get("type", ""))
    parts = ", ".join(f"{key} {describe(value)}" for key, value in config.items() if _is_part(value))
    return " ".join(t for t in (own, f"({parts})" if own and parts else parts) if t) or "not stated"


def _is_part(value: Any) -> bool:
    return isinstance(value, dict) and "type" in value
