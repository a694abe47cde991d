"""The folder layout of LaPa-Face: which files make a sample, found by name alone, without opening a picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from lowface_core.data.images import list_images, read_image
from lowface_core.data.normal_form import by_name, normal_form
from lowface_core.errors import DataError, listing, nearest
from lowface_core.files import json_of, read_text
from lowface_data.folders.boxes import BoxFile

Part = TypeVar("Part")
LAYOUT = "the layout is normal/<identity>_<n>.jpg, with underexposed/ and seg/ beside it where there are any"


@dataclass(frozen=True)
class Masks:
    """Masks of one picture and the class that each stands for.

    Attributes:
        name: stands for the whole map, e.g. as a key of a cache.
        parts: mask file and class, painted in this order, so that a later one covers an earlier one.
    """

    name: Path
    parts: tuple[tuple[Path, int], ...]

    def files(self) -> list[Path]:
        return [path for path, _ in self.parts]

    def read(self, _: Path | None = None) -> np.ndarray:
        """The label map, uint8 (H,W); 0 where no mask is set. A mask is set where it is brighter than half.

        Raises:
            DataError: a mask cannot be read, or two differ in size.
        """
        labels: np.ndarray | None = None
        for path, number in self.parts:
            mask = read_image(path)[0] > 0.5
            if labels is None:
                labels = np.zeros(mask.shape, np.uint8)
            if mask.shape != labels.shape:
                raise DataError(
                    f"{path} is {mask.shape[1]}x{mask.shape[0]} pixels and {self.parts[0][0]} "
                    f"{labels.shape[1]}x{labels.shape[0]}; make the masks of a picture the same size"
                )
            labels[mask] = number
        if labels is None:
            raise DataError(f"{self.name}: no masks")
        return labels


@dataclass(frozen=True)
class Entry:
    """One sample's files; what a data set does not have is None. Key and identity take their normal form.

    Attributes:
        key: what the sample is called.
        identity: whose picture it is.
        normal: normal-light picture.
        low: low-light picture.
        labels: parsing map, one file or several masks.
        landmarks: text file of landmarks.
        boxes: file of boxes.
        role: ``gallery`` or ``probe``, where the data set's protocol says.
    """

    key: str
    identity: str | None = None
    normal: Path | None = None
    low: Path | None = None
    labels: Path | Masks | None = None
    landmarks: Path | None = None
    boxes: BoxFile | None = None
    role: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", normal_form(self.key))
        object.__setattr__(self, "identity", None if self.identity is None else normal_form(self.identity))

    @property
    def picture(self) -> Path:
        """The picture that sets the sample's size: the normal-light one where there is one."""
        path = self.normal or self.low
        assert path is not None
        return path

    def files(self) -> list[Path]:
        masks = self.labels.files() if isinstance(self.labels, Masks) else [self.labels]
        boxes = self.boxes and self.boxes.path
        return [path for path in (self.normal, self.low, *masks, self.landmarks, boxes) if path is not None]


def find_entries(root: Path, split: str | None) -> Iterator[Entry]:
    """The samples of one split, sorted by key; partners are looked for as the samples are asked for.

    Args:
        root: holds ``normal/``; optionally ``underexposed/``, ``seg/`` and ``split.json`` (split name → list of keys).
        split: a name in ``split.json``; without that file every picture belongs to every split. None takes all.

    Raises:
        DataError: a folder, a key's picture, low-light picture or map is missing, two files share a key, a name is not
            ``<identity>_<n>``, or ``split.json`` does not fit.
    """
    if not root.is_dir():
        raise DataError(f"{root}: no such folder; give the root of a data set: {LAYOUT}")
    if not (root / "normal").is_dir():
        raise DataError(f"{root}: there is no folder normal/ in it; {LAYOUT}")
    normal = files_by_key(root / "normal")
    if not normal:
        raise DataError(f"{root / 'normal'}: holds no pictures; {LAYOUT}")
    low = files_by_key(root / "underexposed") if (root / "underexposed").is_dir() else None
    labels = files_by_key(root / "seg") if (root / "seg").is_dir() else None
    for key in keys_of_split(root, split, normal, root / "normal"):
        yield Entry(
            key,
            identity_of(normal[key]),
            normal[key],
            partner(root / "underexposed", key, low, "low-light picture"),
            partner(root / "seg", key, labels, "label map"),
        )


def contrast_folders(root: Path) -> tuple[Path, Path] | None:
    """``Contrast/high`` and ``Contrast/low``; None without a folder ``Contrast``.

    Raises:
        DataError: one of the two is missing or empty.
    """
    if not (root / "Contrast").is_dir():
        return None
    high, low = (root / "Contrast" / side for side in ("high", "low"))
    for folder in (high, low):
        if not folder.is_dir() or not list_images(folder, recursive=True):
            raise DataError(
                f"{folder}: holds no pictures; fill it, or remove {root / 'Contrast'} to draw contrast pictures from "
                "other identities"
            )
    return high, low


def files_by_key(folder: Path, twins: list[tuple[Path, Path]] | None = None) -> dict[str, Path]:
    """Picture files of a folder and the folders in it by their key, sorted by key.

    ``twins`` takes the files whose key another has, each with that other; None makes them a DataError that names both.
    """
    return dict(sorted(by_name(list_images(folder, recursive=True), lambda path: path.stem, twins).items()))


def identity_of(path: Path) -> str:
    """``ann`` of ``ann_0.jpg``: the name up to its last underscore."""
    identity, _, number = path.stem.rpartition("_")
    if not identity or not number:
        raise DataError(f"{path}: the name is not <identity>_<n>, such as ann_0.jpg; rename it")
    return identity


def partner(folder: Path, key: str, files: Mapping[str, Part] | None, what: str) -> Part | None:
    """What belongs to a key, None where there are no ``files`` at all, or an error that says what is missing where."""
    if files is None:
        return None
    if key not in files:
        raise DataError(
            f"{folder}: no {what} for {key!r}{nearest(key, files)}; add it or leave the key out of split.json"
        )
    return files[key]


def keys_of_split(root: Path, split: str | None, pictures: Iterable[str], folder: Path) -> list[str]:
    """The keys of one split, sorted; all ``pictures`` without a split or without ``split.json`` in ``root``.

    Args:
        pictures: the keys there are.
        folder: where their pictures lie, for messages.

    Raises:
        DataError: the file cannot be read, lacks the split, or names a key without a picture.
    """
    path = root / "split.json"
    if split is None or not path.exists():
        return list(pictures)
    return members_of_split(path, split, pictures, folder, "keys are file names without their ending")


def members_of_split(path: Path, split: str, known: Iterable[str], folder: Path, rule: str) -> list[str]:
    """The names that a file of splits lists for one of them, sorted.

    Args:
        path: see :func:`read_splits`.
        known: the names that have pictures in ``folder``.
        rule: what names are, for messages.

    Raises:
        DataError: the file cannot be read, lacks the split, or lists a name without a picture.
    """
    splits = read_splits(path)
    split = normal_form(split)
    if split not in splits:
        raise DataError(f"{path}: has no split {split!r}{nearest(split, splits)}; it has {listing(splits)}")
    keys = sorted(set(splits[split]))
    if not keys:
        raise DataError(f"{path}: the split {split!r} is empty")
    known = set(known)
    missing = [key for key in keys if key not in known]
    if missing:
        more = f" (nor for {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise DataError(
            f"{path}: the split {split!r} names {missing[0]!r}, for which {folder} holds no picture{more}"
            f"{nearest(missing[0], known)}; {rule}"
        )
    return keys


def read_splits(path: Path) -> dict[str, list[str]]:
    """``split.json``: split name → keys, in their normal form.

    Raises:
        DataError: it cannot be read, or holds something else.
    """
    try:
        splits = json_of(read_text(path))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read as JSON ({str(error).splitlines()[0]})") from error
    if not isinstance(splits, dict) or not all(
        isinstance(keys, list) and all(isinstance(key, str) for key in keys) for keys in splits.values()
    ):
        raise DataError(
            f'{path}: must map split names to lists of keys, as in {{"train": ["ann_0"], "test": ["bob_0"]}}'
        )
    return {normal_form(split): [normal_form(key) for key in keys] for split, keys in splits.items()}
