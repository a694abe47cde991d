"""A parsing map that lies on disk as one mask a facial part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lowface_core.data.images import read_image
from lowface_core.errors import DataError


@dataclass(frozen=True)
class Masks:
    """Masks of one picture and the class that each stands for.

    Attributes:
        name: stands for the whole map, e.g. as a key of a cache.
        parts: mask file and class, painted in this order, so that a later one covers an earlier one.
    """

    name: Path
    parts: tuple[tuple[Path, int], ...]

    def files(self) -> list[Path]:
        return [path for path, _ in self.parts]

    def read(self, _: Path | None = None) -> np.ndarray:
        """The label map, uint8 (H,W); 0 where no mask is set. A mask is set where it is brighter than half.

        Raises:
            DataError: a mask cannot be read, or two differ in size.
        """
        labels: np.ndarray | None = None
        for path, number in self.parts:
            mask = read_image(path)[0] > 0.5
            if labels is None:
                labels = np.zeros(mask.shape, np.uint8)
            if mask.shape != labels.shape:
                raise DataError(
                    f"{path} is {mask.shape[1]}x{mask.shape[0]} pixels and {self.parts[0][0]} "
                    f"{labels.shape[1]}x{labels.shape[0]}; make the masks of a picture the same size"
                )
            labels[mask] = number
        if labels is None:
            raise DataError(f"{self.name}: no masks")
        return labels
