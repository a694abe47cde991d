"""The data set: a part of another one, so that the same people are in training and test, but no picture is in both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lowface_core.data.dataset import Dataset
from lowface_core.errors import ConfigError, nearest

PARTS = ("train", "test")


class Fold(Dataset):
    """One fold of a cross-validation: every ``folds``-th sample is for testing, the others for training.

    A sample carries what it does in the whole: ``normal`` and ``low`` (3,H,W), ``identity``, ``labels``, ``box``,
    ``landmarks``, ``key``, …

    Args:
        dataset: the whole, e.g. ``dict(type="rendered_faces", …)``; with as many samples of each person as are a
            multiple of ``folds``, everybody is equally often in both parts.
        part: ``"train"`` or ``"test"``.
        folds: how many folds there are, at least 2.
        fold: which of them is for testing, from 0.

    Raises:
        ConfigError: an argument is out of its range, or ``dataset`` is none.
    """

    def __init__(self, dataset: Dataset, part: str, folds: int = 5, fold: int = 0) -> None:
        if not isinstance(dataset, Dataset):
            raise ConfigError(f"fold: dataset is {dataset!r}; give a data set, e.g. dict(type='rendered_faces', …)")
        if part not in PARTS:
            raise ConfigError(f"fold: part is {part!r}{nearest(str(part), PARTS)}; choose from {', '.join(PARTS)}")
        if isinstance(folds, bool) or not isinstance(folds, int) or folds < 2:
            raise ConfigError(f"fold: folds is {folds!r}; give a whole number of at least 2")
        if isinstance(fold, bool) or not isinstance(fold, int) or not 0 <= fold < folds:
            raise ConfigError(f"fold: fold is {fold!r}; give a whole number from 0 to {folds - 1}")
        self.dataset, self.part, self.folds, self.fold = dataset, part, folds, fold
        self.names, self.identities = dataset.names, dataset.identities
        self.indices = [i for i in range(len(dataset)) if (i % folds == fold) == (part == "test")]

    def __len__(self) -> int:
        return len(self.indices)

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        """The sample of the whole that this index stands for."""
        return self.dataset.item(self.indices[index], rng)

    def draw(self, index: int, rng: np.random.Generator, position: int) -> dict[str, Any]:
        """The same for training, see :meth:`lowface_core.data.dataset.Dataset.draw`."""
        return self.dataset.draw(self.indices[index], rng, position)

    def gallery(self) -> Iterator[dict[str, Any]]:
        """The whole's."""
        return self.dataset.gallery()

    def fingerprint(self) -> str:
        return f"Fold:{self.part}:{self.fold}/{self.folds}:{self.dataset.fingerprint()}"
