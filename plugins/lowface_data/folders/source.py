"""What pictures a folder holds, whichever data set's layout it has, under the names of the released layout."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lowface_core.errors import DataError, listing, nearest
from lowface_data.folders.file_dataset import FileDataset
from lowface_data.folders.layout import Entry, read_splits

#: Data sets that a folder can be read as: name → what tells them, looked for in this order.
LAYOUTS = {
    "lapa_face": "normal",
    "celeba_mask_hq": "CelebA-HQ-img",
    "lapa": "train/images",
    "lfw": "*/*_[0-9][0-9][0-9][0-9].*",
    "casia_facev5": "**/[0-9][0-9][0-9]/[0-9][0-9][0-9]_[0-9].*",
    "image_folder": "**/*",
}


@dataclass(frozen=True)
class Source:
    """Pictures to work on.

    Attributes:
        layout: one of :data:`LAYOUTS`.
        entries: by name ``<identity>_<n>``, sorted.
        splits: split name → names; empty when the source has no splits.
        fingerprint: changes with the files' names and sizes.
    """

    layout: str
    entries: dict[str, Entry]
    splits: dict[str, list[str]]
    fingerprint: str


def open_source(root: Path, layout: str | None = None) -> Source:
    """Finds the pictures of a folder.

    Args:
        layout: one of :data:`LAYOUTS`; None looks which one fits.

    Raises:
        DataError: no such folder or layout, the files do not fit it, or two pictures get the same name.
    """
    layout = recognise(root, layout)
    parts = _data_sets(root, layout)
    names: dict[str, Entry] = {}
    renamed: dict[str, str] = {}
    for entry in (entry for data in parts.values() for entry in data.entries):
        name = _name(entry)
        if name in names:
            raise DataError(f"{entry.picture} and {names[name].picture} would both be called {name!r}; rename one")
        names[name], renamed[entry.key] = entry, name
    splits = {split: sorted(_name(entry) for entry in data.entries) for split, data in parts.items() if split}
    if (root / "split.json").exists():
        splits = {
            split: sorted(renamed[key] for key in keys if key in renamed)
            for split, keys in read_splits(root / "split.json").items()
        }
    prints = ":".join(data.fingerprint() for data in parts.values())
    return Source(layout, dict(sorted(names.items())), splits, prints)


def recognise(root: Path, layout: str | None = None) -> str:
    """The given layout once it is known to exist, or the first of :data:`LAYOUTS` whose sign is there.

    Raises:
        DataError: no such folder or layout.
    """
    if not root.is_dir():
        raise DataError(f"{root}: no such folder")
    if layout is None:
        return next((name for name, sign in LAYOUTS.items() if next(root.glob(sign), None)), "image_folder")
    if layout not in LAYOUTS:
        raise DataError(f"no layout {layout!r}{nearest(layout, LAYOUTS)}; there are {listing(LAYOUTS)}")
    return layout


def _data_sets(root: Path, layout: str) -> dict[str, FileDataset]:
    """The data sets of a folder by split; the empty text stands for all in one."""
    if layout == "lapa_face":
        from lowface_data.folders.lapa_face import LapaFace

        return {"": LapaFace(root, split=None)}
    if layout == "celeba_mask_hq":
        from lowface_data.folders.celeba_mask_hq import CelebAMaskHQ

        return {"": CelebAMaskHQ(root)}
    if layout == "lapa":
        from lowface_data.folders.lapa import SPLITS, Lapa

        return {split: Lapa(root, split) for split in SPLITS if (root / split / "images").is_dir()}
    if layout == "lfw":
        from lowface_data.folders.lfw import Lfw

        return {"": Lfw(root)}
    if layout == "casia_facev5":
        from lowface_data.folders.casia_facev5 import CasiaFaceV5

        return {"": CasiaFaceV5(root)}
    from lowface_data.folders.image_folder import ImageFolder

    return {"": ImageFolder(root, light="normal")}


def _name(entry: Entry) -> str:
    """``<identity>_<n>``: the key where it already is one, else made from identity and key."""
    key = entry.key.replace("/", "-")
    if entry.identity is None:
        return f"{key}_0"
    return key if key.rpartition("_")[0] == entry.identity else f"{entry.identity}_{key}"
