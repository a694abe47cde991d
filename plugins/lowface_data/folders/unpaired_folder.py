"""Low-light pictures, and normal-light pictures that have nothing to do with them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lowface_core.errors import DataError
from lowface_data.contrast import Contrast
from lowface_data.folders.file_dataset import FileDataset
from lowface_data.folders.layout import Entry, files_by_key


class UnpairedFolder(FileDataset):
    """Low-light pictures with contrast pictures from two folders: ``low``, ``positive``, ``negative``, ``key``.

    Args:
        low: folder of low-light pictures, one sample each; subfolders count.
        normal: folder of normal-light pictures, the positives; drawn without replacement, see
            :class:`lowface_data.contrast.Contrast`.
        negative: folder of the negatives; None takes them from ``low``.
        size: pictures become size x size; None keeps sizes, and contrast pictures take their sample's.
        seed: of the order in which contrast pictures come.
        limit, skip_unreadable, cache: as for ``lapa_face``.

    Raises:
        ConfigError: an argument is out of range.
        DataError: a folder is missing or empty, or two low-light pictures share a name.
    """

    registered = "unpaired_folder"

    def __init__(
        self,
        low: str | os.PathLike[str],
        normal: str | os.PathLike[str],
        negative: str | os.PathLike[str] | None = None,
        size: int | None = None,
        seed: int = 0,
        limit: int | None = None,
        skip_unreadable: bool = False,
        cache: bool | Mapping[str, Any] = True,
    ) -> None:
        self.check_counts(size=size, limit=limit)
        folder = Path(low).expanduser()
        entries = [Entry(key, low=path) for key, path in files_by_key(folder).items()][:limit]
        if not entries:
            raise DataError(f"{folder}: holds no pictures")
        contrast = Contrast(normal, low if negative is None else negative, size, seed, cache)
        super().__init__(folder, entries, size, contrast=contrast, skip_unreadable=skip_unreadable, cache=cache)
