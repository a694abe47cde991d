"""LaPa as it is downloaded: pictures, parsing maps and landmarks in three folders of each split."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lowface_core.data.dataset import Dataset
from lowface_core.errors import DataError, listing, nearest
from lowface_data.folders.file_dataset import Degradation, FileDataset
from lowface_data.folders.layout import Entry, files_by_key, partner

SPLITS = ("train", "val", "test")


class Lapa(FileDataset):
    """LaPa: faces in the wild with 11-class parsing maps and landmarks; no identities.

    Layout below ``root``: ``train|val|test/{images,labels,landmarks}``, the files of a picture sharing a name. A folder
    ``labels`` or ``landmarks`` that is not there means items without that name. Of the 106 landmarks items carry five.

    Args:
        root: the folder ``LaPa``.
        split: ``train``, ``val`` or ``test``.
        size: pictures and maps become size x size, landmarks move along; None keeps sizes.
        contrast: adds ``positive`` and ``negative``, drawn from other pictures: identities are unknown.
        degradation, contrast_from, limit, skip_unreadable, cache: as for ``lapa_face``.

    Raises:
        ConfigError: an argument is out of range.
        DataError: the files do not fit the layout.

    References:
        Liu et al., A New Dataset and Boundary-Attention Semantic Segmentation for Face Parsing, AAAI 2020.
    """

    registered = "lapa"

    def __init__(
        self,
        root: str | os.PathLike[str],
        split: str = "train",
        size: int | None = None,
        degradation: Degradation | None = None,
        contrast: bool = False,
        contrast_from: Dataset | None = None,
        limit: int | None = None,
        skip_unreadable: bool = False,
        cache: bool | Mapping[str, Any] = True,
    ) -> None:
        self.check_counts(size=size, limit=limit)
        root = Path(root).expanduser()
        if split not in SPLITS:
            raise DataError(
                f"{root}: LaPa has no split {split!r}{nearest(str(split), SPLITS)}; it has {listing(SPLITS)}"
            )
        folder = root / split
        if not (folder / "images").is_dir():
            raise DataError(f"{folder / 'images'}: no such folder; the layout is {'|'.join(SPLITS)}/images and so on")
        pictures = files_by_key(folder / "images")
        labels = files_by_key(folder / "labels") if (folder / "labels").is_dir() else None
        marks = folder / "landmarks"
        points = {path.stem: path for path in sorted(marks.glob("*.txt"))} if marks.is_dir() else None
        entries = [
            Entry(
                key,
                normal=pictures[key],
                labels=None if labels is None else partner(folder / "labels", key, labels, "label map"),
                landmarks=None if points is None else partner(marks, key, points, "landmark file"),
            )
            for key in list(pictures)[:limit]
        ]
        super().__init__(root, entries, size, degradation, contrast_from or contrast, skip_unreadable, cache=cache)
