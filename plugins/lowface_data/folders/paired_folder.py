"""Two folders of pictures, the same scene in low and in normal light under the same name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lowface_core.data.dataset import Dataset
from lowface_core.errors import DataError
from lowface_data.folders.file_dataset import FileDataset
from lowface_data.folders.layout import Entry, files_by_key, partner


class PairedFolder(FileDataset):
    """Pairs of a low-light and a normal-light picture of the same file name; endings may differ, subfolders count.

    Args:
        low: folder of low-light pictures.
        normal: folder of normal-light pictures; has one for each low-light picture and may have more.
        labels: folder of LaPa parsing maps of the same names, or None.
        size: pictures and maps become size x size; None keeps sizes.
        contrast: adds ``positive`` and ``negative``, drawn from other pairs.
        contrast_from, limit, skip_unreadable, cache: as for ``lapa_face``.

    Raises:
        ConfigError: an argument is out of range.
        DataError: a folder is missing or empty, a picture has no partner, or two files share a name.
    """

    registered = "paired_folder"

    def __init__(
        self,
        low: str | os.PathLike[str],
        normal: str | os.PathLike[str],
        labels: str | os.PathLike[str] | None = None,
        size: int | None = None,
        contrast: bool = False,
        contrast_from: Dataset | None = None,
        limit: int | None = None,
        skip_unreadable: bool = False,
        cache: bool | Mapping[str, Any] = True,
    ) -> None:
        self.check_counts(size=size, limit=limit)
        folder, bright = Path(low).expanduser(), Path(normal).expanduser()
        maps = None if labels is None else Path(labels).expanduser()
        dark, normals = files_by_key(folder), files_by_key(bright)
        found = None if maps is None else files_by_key(maps)
        if not dark:
            raise DataError(f"{folder}: holds no pictures")
        entries = [
            Entry(
                key,
                normal=partner(bright, key, normals, "normal-light picture"),
                low=path,
                labels=None if maps is None or found is None else partner(maps, key, found, "label map"),
            )
            for key, path in list(dark.items())[:limit]
        ]
        super().__init__(
            folder, entries, size, contrast=contrast_from or contrast, skip_unreadable=skip_unreadable, cache=cache
        )
