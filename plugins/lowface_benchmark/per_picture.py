"""The numbers of single pictures that a cell left behind, in a form that can be paired."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lowface_core.runs.result_folder import PICTURES


@dataclass(frozen=True)
class Numbers:
    """Numbers of one stage.

    Attributes:
        keys: of the pictures, or pairs of pictures.
        groups: whom each shows, where the kind of result says so; people are resampled then, not pictures.
        columns: (N,) float each, by column of the result's table; shares are means of 0 and 1.
    """

    keys: tuple[str, ...]
    groups: tuple[str, ...] | None
    columns: dict[str, np.ndarray]


def numbers_of(folder: Path, stage: str) -> Numbers:
    """Reads ``pictures.jsonl`` of a finished cell; columns that lack a number somewhere are left out."""
    with (folder / PICTURES).open(encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    rows = [_row(line, stage) for line in lines]
    names = [name for name in (rows[0] if rows else {}) if all(_finite(row.get(name)) for row in rows)]
    people = tuple(str(line["identity"]) for line in lines if "identity" in line)
    return Numbers(
        tuple(line["key"] for line in lines),
        people if lines and len(people) == len(lines) else None,
        {name: np.array([row[name] for row in rows], np.float64) for name in names},
    )


def _row(line: dict[str, Any], stage: str) -> dict[str, Any]:
    """A line's numbers by column: as they are, or what an identification's or verification's answer is worth."""
    told = line.get(stage) or {}
    if "found" not in told:
        return told
    right = {"rank1": told.get("rank") == 1} if "rank" in told else {"accuracy": told.get("right")}
    return {**right, "undetected": not told["found"]}


def _finite(value: Any) -> bool:
    return isinstance(value, (bool, int, float)) and bool(np.isfinite(value))
