"""The data set: small patterns of eight kinds in any colours, which noise can hide, drawn when they are asked for."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from lowface_core.data.dataset import Dataset
from lowface_core.data.keyed_rng import keyed_rng

KINDS = ("rows", "columns", "rising", "falling", "checks", "dots", "rings", "grain")


class Patterns(Dataset):
    """Patterns whose kind can be read: four directions of stripes, checks, dots, rings, and grain without any order.

    An item carries ``normal`` and, with a degradation, ``low`` (3,size,size) in [0,1]; ``identity``, an index into
    :data:`KINDS`; ``key``. The kinds follow each other, so that all are equally frequent.

    Args:
        count: how many pictures.
        first: number of the first one; two sets with other numbers have no picture in common.
        size: side in pixels.
        degradation: what makes ``low`` of ``normal``; drawn anew in each pass of training.
    """

    identities = KINDS

    def __init__(
        self,
        count: Annotated[int, Ge(1)],
        first: Annotated[int, Ge(0)] = 0,
        size: Annotated[int, Ge(8)] = 32,
        degradation: Any = None,
    ) -> None:
        self.count, self.first, self.size, self.degradation = count, first, size, degradation
        self.names = ("normal", "identity", "key") if degradation is None else ("low", "normal", "identity", "key")

    def __len__(self) -> int:
        return self.count

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        """One picture; what it shows follows from its number alone, ``rng`` is for the degradation."""
        number = self.first + index
        kind = number % len(KINDS)
        sample = {
            "normal": draw(KINDS[kind], self.size, keyed_rng(number, 7)),
            "identity": kind,
            "key": f"{number:06d}",
        }
        if self.degradation is not None:
            sample["low"] = self.degradation(sample["normal"], rng)[0]
        return sample

    def facts(self, index: int) -> dict[str, Any]:
        """Key and kind, without drawing."""
        number = self.first + index
        return {"key": f"{number:06d}", "identity": number % len(KINDS)}

    def fingerprint(self) -> str:
        return f"Patterns:{self.first}+{self.count}:{self.size}"


def draw(kind: str, size: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """A picture (3,size,size) of two colours that differ by a quarter at least, in light that drifts across it."""
    y, x = np.mgrid[:size, :size] + rng.uniform(0, size, 2)[:, None, None]
    turn = 2 * np.pi / rng.uniform(3.5, 6.0)
    if kind == "grain":
        field = rng.standard_normal((size, size))
    elif kind == "rings":
        middle = rng.uniform(0, size, 2)[:, None, None]
        field = np.cos(turn * np.hypot(*(np.mgrid[:size, :size] - middle)))
    elif kind in ("checks", "dots"):
        field = np.cos(turn * x) * np.cos(turn * y) if kind == "checks" else np.cos(turn * x) + np.cos(turn * y) - 0.8
    else:
        slope = {"rows": (0, 1), "columns": (1, 0), "rising": (0.7, 0.7), "falling": (0.7, -0.7)}[kind]
        field = np.cos(turn * (slope[0] * x + slope[1] * y))
    share = 1 / (1 + np.exp(-4 * field))
    first = rng.uniform(0.1, 0.9, 3)
    away = rng.uniform(0.25, 0.5, 3) * np.where(first > 0.5, -1, 1)
    light = 1 + rng.uniform(-0.25, 0.25) * np.linspace(-1, 1, size)[None, :]
    picture = (first[:, None, None] + away[:, None, None] * share) * light
    return (np.round(np.clip(picture, 0, 1) * 255) / 255).astype(np.float32)
