"""Released data sets whose files stand in known places: found once, for reading and for ``lowface data check``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from lowface_core.data.images import list_images
from lowface_core.data.normal_form import by_name
from lowface_core.errors import DataError, listing, nearest
from lowface_data.folders.file_dataset import FileDataset
from lowface_data.folders.layout import Entry

#: Takes what does not fit, as a word for programs and one line.
Tell = Callable[[str, str], None]
#: The word for what is left over and disturbs nobody.
SPARE = "spare"
#: ``low00001`` and ``normal00001`` are one scene.
_LIGHT = re.compile(r"^(?:low|normal)_?(?=\d)", re.IGNORECASE)


def refuse(kind: str, message: str) -> None:
    """A :data:`Tell` for reading: the first fault ends it.

    Raises:
        DataError: with the message, unless the kind is :data:`SPARE`.
    """
    if kind != SPARE:
        raise DataError(message)


class Placed(FileDataset):
    """A data set whose files are where its release puts them.

    A subclass says how it is recognised and finds the files.
    """

    #: Names of its splits.
    splits: ClassVar[tuple[str, ...]] = ()
    #: Patterns below the root; a folder in which one is found is such a data set.
    signs: ClassVar[tuple[str, ...]]

    @classmethod
    def find(cls, root: Path, split: str | None, tell: Tell) -> Iterator[Entry]:
        """The samples of a split, or of all.

        Args:
            root: the folder.
            split: one of :attr:`splits`; None takes all.
            tell: takes every misfit, and may raise; what is named there is left out of the samples.
        """
        raise NotImplementedError

    @classmethod
    def placed(cls, root: str | Path, split: str | None, **how: Any) -> tuple[Path, list[Entry]]:
        """The root as a path, and the samples; a misfit is an error, and so is there being none.

        Raises:
            DataError: the folder or the split does not exist, or the files do not fit.
        """
        root = Path(root).expanduser()
        if not root.is_dir():
            raise DataError(f"{root}: no such folder; the layout is {cls.layout}")
        if split is not None and split not in cls.splits:
            raise DataError(f"{root}: {cls.registered} has no split {split!r}{nearest(split, cls.splits)}; "
                            f"it has {listing(cls.splits)}")  # fmt: skip
        entries = list(cls.find(root, split, refuse, **how))
        if not entries:
            told = f" of the split {split!r}" if split else ""
            raise DataError(f"{root}: holds no pictures{told}; the layout is {cls.layout}")
        return root, entries


class Place(NamedTuple):
    """Two folders of pairs.

    Attributes:
        split, part: what they belong to.
        label: what keys of their pictures begin with; the empty text leaves that out.
        low, normal: the folders, relative to the root.
    """

    split: str
    part: str
    label: str
    low: str
    normal: str


class PairedPlaces(Placed, without=("degradation", "gallery_size")):
    """Pairs of a low-light and a normal-light picture in a table of folders.

    Pictures are paired by their names without ending; ``low00001`` and ``normal00001`` are one name.

    Args:
        root: the data set's folder.
        split: whose folders; None takes all.
        part: which part of the data set; None takes all.
        **shared: see :class:`FileDataset`.
    """

    #: The table.
    places: ClassVar[tuple[Place, ...]] = ()

    def __init__(self, root: str | Path, split: str | None = None, part: str | None = None, **shared: Any) -> None:
        folder, entries = self.placed(root, split, part=part)
        super().__init__(folder, entries, **shared)

    @classmethod
    def places_in(cls, root: Path) -> Iterable[Place]:
        """The table for a certain folder."""
        return cls.places

    @classmethod
    def find(cls, root: Path, split: str | None, tell: Tell, part: str | None = None) -> Iterator[Entry]:
        for place in cls.places_in(root):
            if split in (None, place.split) and part in (None, place.part):
                yield from pairs(root, place, tell)


def pairs(root: Path, place: Place, tell: Tell) -> Iterator[Entry]:
    """The pairs of two folders, sorted by name; nothing where neither exists."""
    low, normal = root / place.low, root / place.normal
    missing = [folder for folder in (low, normal) if not folder.is_dir()]
    if missing:
        if len(missing) == 1:
            tell("folder", f"{missing[0]}: no such folder; it holds the other half of {place.low}, {place.normal}")
        return
    dark, bright = (pictures_of(folder, tell) for folder in (low, normal))
    for name in sorted(set(dark) | set(bright)):
        if name not in bright:
            tell("orphan", f"{dark[name]}: a low-light picture without a normal-light one in {normal}")
        elif name not in dark:
            tell(SPARE, f"{bright[name]}: a normal-light picture without a low-light one in {low}")
        else:
            key = f"{place.label}/{name}" if place.label else name
            yield Entry(key, normal=bright[name], low=dark[name])


def pictures_of(folder: Path, tell: Tell) -> dict[str, Path]:
    """The pictures of a folder by name without ending and without a word for its light; of two of a name the first."""
    twins: list[tuple[Path, Path]] = []
    found = by_name(list_images(folder), lambda path: _LIGHT.sub("", path.stem), twins)
    for path, first in twins:
        tell("same_key", f"{path}: {first} has the same name without its ending; rename or remove one")
    return found
