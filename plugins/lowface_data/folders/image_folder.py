"""Any folder of pictures."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from lowface_core.data.images import list_images
from lowface_core.errors import ConfigError
from lowface_data.folders.file_dataset import FileDataset
from lowface_data.folders.layout import Entry


class ImageFolder(FileDataset, without=("contrast_from", "gallery_size")):
    """Every picture of a folder and its subfolders, sorted by path; the key is the path without its ending.

    Args:
        root: the folder.
        light: ``low`` or ``normal``, which name the pictures get.
        **shared: see :class:`FileDataset`.

    Raises:
        ConfigError: an argument is out of range.
        DataError: the folder is missing or holds no pictures.
    """

    registered = "image_folder"

    def __init__(self, root: str | os.PathLike[str], light: str = "low", **shared: Any) -> None:
        if light not in ("low", "normal"):
            raise ConfigError(f"image_folder: light is {light!r}; it is 'low' or 'normal'")
        root = Path(root).expanduser()
        paths = list_images(root, recursive=True)
        entries = (Entry(path.relative_to(root).with_suffix("").as_posix(), **{light: path}) for path in paths)
        super().__init__(root, entries, **shared)
