"""LaPa as it is downloaded: pictures, parsing maps and landmarks in three folders of each split."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lowface_core.data.normal_form import by_name
from lowface_core.errors import DataError, listing, nearest
from lowface_data.folders.file_dataset import FileDataset
from lowface_data.folders.layout import Entry, files_by_key, partner

SPLITS = ("train", "val", "test")


class Lapa(FileDataset, without=("gallery_size",)):
    """LaPa: faces in the wild with 11-class parsing maps and landmarks; no identities.

    Layout below ``root``: ``train|val|test/{images,labels,landmarks}``, the files of a picture sharing a name. A folder
    ``labels`` or ``landmarks`` that is not there means items without that name. Of the 106 landmarks items carry five.

    Args:
        root: the folder ``LaPa``.
        split: ``train``, ``val`` or ``test``.
        **shared: see :class:`FileDataset`.

    Raises:
        ConfigError: ``contrast`` lacks a source of low-light pictures.
        DataError: the files do not fit the layout.

    References:
        Liu et al., A New Dataset and Boundary-Attention Semantic Segmentation for Face Parsing, AAAI 2020.
    """

    registered, layout = "lapa", f"{'|'.join(SPLITS)}/images/<name>.jpg"

    def __init__(self, root: str | Path, split: str = "train", **shared: Any) -> None:
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
        points = by_name(sorted(marks.glob("*.txt")), lambda path: path.stem) if marks.is_dir() else None
        entries = (
            Entry(
                key,
                normal=picture,
                labels=partner(folder / "labels", key, labels, "label map"),
                landmarks=partner(marks, key, points, "landmark file"),
            )
            for key, picture in pictures.items()
        )
        super().__init__(root, entries, **shared)
