"""CASIA-FaceV5: five pictures of each of 500 people, in numbered folders."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lowface_core.data.dataset import Dataset
from lowface_core.errors import DataError
from lowface_data.folders.file_dataset import Degradation, FileDataset
from lowface_data.folders.layout import Entry, files_by_key, identity_of


class CasiaFaceV5(FileDataset):
    """CASIA-FaceV5: pictures ``<person>_<n>.bmp`` in folders of any depth, such as ``CASIA-FaceV5 (000-099)/007/``.

    Samples are sorted by name; the gallery picture of a person is the first.

    Args:
        root: the folder that holds the people's folders, or the folders of hundreds as they are unpacked.
        size: pictures become size x size; None keeps sizes (640x480). Faces are not cropped.
        degradation, contrast, contrast_from, limit, skip_unreadable, gallery_size, cache: as for ``lapa_face``.

    Raises:
        ConfigError: an argument is out of range.
        DataError: no pictures, a name that is not ``<person>_<n>``, or two files of one name.
    """

    registered = "casia_facev5"

    def __init__(
        self,
        root: str | os.PathLike[str],
        size: int | None = None,
        degradation: Degradation | None = None,
        contrast: bool = False,
        contrast_from: Dataset | None = None,
        limit: int | None = None,
        skip_unreadable: bool = False,
        gallery_size: int | None = None,
        cache: bool | Mapping[str, Any] = True,
    ) -> None:
        self.check_counts(size=size, limit=limit)
        root = Path(root).expanduser()
        entries = [Entry(key, identity_of(path), normal=path) for key, path in files_by_key(root).items()]
        if not entries:
            raise DataError(f"{root}: holds no pictures; the layout is <person>/<person>_<n>.bmp")
        super().__init__(
            root, entries[:limit], size, degradation, contrast_from or contrast, skip_unreadable, gallery_size, cache
        )
