"""Low-light pictures, and normal-light pictures that have nothing to do with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lowface_core.registry.bounds import Natural
from lowface_data.contrast import Contrast
from lowface_data.folders.file_dataset import FileDataset
from lowface_data.folders.layout import Entry, files_by_key


class UnpairedFolder(FileDataset, without=("degradation", "contrast", "contrast_from", "gallery_size")):
    """Low-light pictures with contrast pictures from two folders: ``low``, ``positive``, ``negative``, ``key``.

    Args:
        low: folder of low-light pictures, one sample each; subfolders count.
        normal: folder of normal-light pictures, the positives; drawn without replacement, see
            :class:`lowface_data.contrast.Contrast`.
        negative: folder of the negatives; None takes them from ``low``.
        seed: of the order in which contrast pictures come.
        **shared: see :class:`FileDataset`.

    Raises:
        DataError: a folder is missing or empty, or two low-light pictures share a name.
    """

    registered = "unpaired_folder"

    def __init__(
        self, low: str | Path, normal: str | Path, negative: str | Path | None = None, seed: Natural = 0, **shared: Any
    ) -> None:
        folder = Path(low).expanduser()
        entries = (Entry(key, low=path) for key, path in files_by_key(folder).items())
        reading = {name: shared[name] for name in ("size", "cache") if name in shared}
        contrast = Contrast(normal, low if negative is None else negative, seed=seed, **reading)
        super().__init__(folder, entries, contrast_from=contrast, **shared)
