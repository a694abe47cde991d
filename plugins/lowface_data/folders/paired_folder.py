"""Two folders of pictures, the same scene in low and in normal light under the same name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lowface_data.folders.file_dataset import FileDataset
from lowface_data.folders.layout import Entry, files_by_key, partner


class PairedFolder(FileDataset, without=("degradation", "gallery_size")):
    """Pairs of a low-light and a normal-light picture of the same file name; endings may differ, subfolders count.

    Args:
        low: folder of low-light pictures.
        normal: folder of normal-light pictures; has one for each low-light picture and may have more.
        labels: folder of LaPa parsing maps of the same names, or None.
        **shared: see :class:`FileDataset`.

    Raises:
        ConfigError: ``contrast`` lacks a source of low-light pictures.
        DataError: a folder is missing or empty, a picture has no partner, or two files share a name.
    """

    registered = "paired_folder"

    def __init__(self, low: str | Path, normal: str | Path, labels: str | Path | None = None, **shared: Any) -> None:
        dark, bright, maps = (Path(folder or "").expanduser() for folder in (low, normal, labels))
        normals, found = files_by_key(bright), files_by_key(maps) if labels is not None else None
        entries = (
            Entry(
                key,
                normal=partner(bright, key, normals, "normal-light picture"),
                low=path,
                labels=partner(maps, key, found, "label map"),
            )
            for key, path in files_by_key(dark).items()
        )
        super().__init__(dark, entries, **shared)
