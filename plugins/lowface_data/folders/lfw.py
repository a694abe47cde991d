"""LFW: one folder a person; CASIA-FaceV5: five pictures of each of 500 people, in numbered folders."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from lowface_core.data.images import list_images
from lowface_core.data.normal_form import by_name
from lowface_core.errors import ConfigError, DataError
from lowface_core.registry.bounds import Count
from lowface_data.folders.file_dataset import FileDataset
from lowface_data.folders.layout import Entry, files_by_key, identity_of, members_of_split


class Lfw(FileDataset):
    """Labeled Faces in the Wild, or any folders of pictures named by their person.

    Layout below ``root``: ``<person>/<person>_<nnnn>.jpg``. Samples are sorted by person and
    file name; the gallery picture of a person is the first.

    Args:
        root: the folder that holds the people's folders.
        min_pictures: people with fewer pictures are left out; with 2 everyone has one beside the gallery picture.
        split: only the people of this split of ``splits``; None takes all.
        splits: JSON file, split name → list of people.
        **shared: see :class:`FileDataset`.

    Raises:
        ConfigError: ``contrast`` lacks a source of low-light pictures, or ``split`` its file.
        DataError: the files do not fit the layout, or somebody of the split has no folder.

    References:
        Huang et al., Labeled Faces in the Wild, Technical Report 07-49, University of Massachusetts, 2007.
    """

    registered = "lfw"

    def __init__(
        self,
        root: str | Path,
        min_pictures: Count = 1,
        split: str | None = None,
        splits: str | Path | None = None,
        **shared: Any,
    ) -> None:
        root = Path(root).expanduser()
        entries = []
        for path in by_name(list_images(root, recursive=True), lambda path: path.relative_to(root).as_posix()).values():
            if path.parent.parent != root:
                raise DataError(f"{path}: pictures lie in one folder a person, {root}/<person>/; move or remove it")
            entries.append(Entry(path.stem, path.parent.name, normal=path))
        entries.sort(key=lambda entry: (entry.identity, entry.key))
        if split is not None:
            if splits is None:
                raise ConfigError(f"lfw: split={split!r} needs splits, the JSON file that says who belongs to it")
            known = {entry.identity for entry in entries if entry.identity is not None}
            rule = "people are called as their folders"
            people = set(members_of_split(Path(splits).expanduser(), split, known, root, rule))
            entries = [entry for entry in entries if entry.identity in people]
        count = Counter(entry.identity for entry in entries)
        entries = [entry for entry in entries if count[entry.identity] >= min_pictures]
        if not entries:
            raise DataError(f"{root}: holds nobody with {min_pictures} pictures; the layout is <person>/<picture>.jpg")
        super().__init__(root, entries, **shared)


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
