"""Any folder of pictures."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lowface_core.data.images import list_images
from lowface_core.errors import ConfigError, DataError
from lowface_data.folders.file_dataset import Degradation, FileDataset
from lowface_data.folders.layout import Entry


class ImageFolder(FileDataset):
    """Every picture of a folder and its subfolders, sorted by path; the key is the path without its ending.

    Args:
        root: the folder.
        light: ``low`` or ``normal``, which name the pictures get.
        size: pictures become size x size; None keeps sizes.
        degradation: with ``light="normal"``: makes ``low``.
        contrast: with a degradation: adds ``positive`` and ``negative``, drawn from other pictures.
        limit, skip_unreadable, cache: as for ``lapa_face``.

    Raises:
        ConfigError: an argument is out of range.
        DataError: the folder is missing or holds no pictures.
    """

    registered = "image_folder"

    def __init__(
        self,
        root: str | os.PathLike[str],
        light: str = "low",
        size: int | None = None,
        degradation: Degradation | None = None,
        contrast: bool = False,
        limit: int | None = None,
        skip_unreadable: bool = False,
        cache: bool | Mapping[str, Any] = True,
    ) -> None:
        self.check_counts(size=size, limit=limit)
        if light not in ("low", "normal"):
            raise ConfigError(f"image_folder: light is {light!r}; it is 'low' or 'normal'")
        root = Path(root).expanduser()
        entries = [
            Entry(path.relative_to(root).with_suffix("").as_posix(), **{light: path})
            for path in list_images(root, recursive=True)
        ][:limit]
        if not entries:
            raise DataError(f"{root}: holds no pictures")
        super().__init__(root, entries, size, degradation, contrast, skip_unreadable, cache=cache)
