"""What data sets have in common that change another one's samples."""

from __future__ import annotations

import abc
from collections.abc import Iterator
from typing import Any

import numpy as np

from lowface_core.data.dataset import Dataset


class Wrapped(Dataset):
    """Another data set whose samples are changed; length, names, identities and gallery are its own.

    Args:
        dataset: the data set inside.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.names, self.identities = dataset.names, dataset.identities

    @abc.abstractmethod
    def changed(self, index: int, sample: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
        """The sample of that number as it is handed on; drawn from after what the data set inside draws."""

    def __len__(self) -> int:
        return len(self.dataset)

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        """One sample, changed."""
        return self.changed(index, self.dataset.item(index, rng), rng)

    def draw(self, index: int, rng: np.random.Generator, position: int) -> dict[str, Any]:
        """One sample, changed, see :meth:`lowface_core.data.dataset.Dataset.draw`."""
        return self.changed(index, self.dataset.draw(index, rng, position), rng)

    def facts(self, index: int) -> dict[str, Any]:
        return self.dataset.facts(index)

    def gallery(self) -> Iterator[dict[str, Any]]:
        return self.dataset.gallery()
