"""CASIA-FaceV5: five pictures of each of 500 people, in numbered folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lowface_data.folders.file_dataset import FileDataset
from lowface_data.folders.layout import Entry, files_by_key, identity_of


class CasiaFaceV5(FileDataset):
    """CASIA-FaceV5: pictures ``<person>_<n>.bmp`` in folders of any depth, such as ``CASIA-FaceV5 (000-099)/007/``.

    Samples are sorted by name; the gallery picture of a person is the first. Pictures are 640x480,
    faces are not cropped.

    Args:
        root: the folder that holds the people's folders, or the folders of hundreds as they are unpacked.
        **shared: see :class:`FileDataset`.

    Raises:
        ConfigError: ``contrast`` lacks a source of low-light pictures.
        DataError: no pictures, a name that is not ``<person>_<n>``, or two files of one name.
    """

    registered, layout = "casia_facev5", "<person>/<person>_<n>.bmp"

    def __init__(self, root: str | Path, **shared: Any) -> None:
        root = Path(root).expanduser()
        entries = (Entry(key, identity_of(path), normal=path) for key, path in files_by_key(root).items())
        super().__init__(root, entries, **shared)
