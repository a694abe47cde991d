"""What pictures a folder holds, whichever data set's layout it has, under the names of the released layout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from lowface_core.errors import DataError, listing, nearest
from lowface_data.contrast import hash_of
from lowface_data.folders.celeba_mask_hq import PICTURES, CelebAMaskHQ
from lowface_data.folders.extended_yale_b import ExtendedYaleB
from lowface_data.folders.file_dataset import FileDataset
from lowface_data.folders.fivek import FiveK
from lowface_data.folders.image_folder import ImageFolder
from lowface_data.folders.in_the_dark import DarkFace, ExDark
from lowface_data.folders.lapa import SPLITS, Lapa
from lowface_data.folders.lapa_face import LapaFace
from lowface_data.folders.layout import Entry, read_splits
from lowface_data.folders.lfw import CasiaFaceV5, Lfw
from lowface_data.folders.lol import Lol, LolV2, Lsrw, VeLol
from lowface_data.folders.placed import Placed, Tell, refuse
from lowface_data.folders.sice import Sice
from lowface_data.folders.surveillance import ScFace, SurvFace, TinyFace


class Layout(NamedTuple):
    """A data set that a folder can be read as.

    Attributes:
        data_set: its class.
        signs: patterns of what only such folders hold; one that is found suffices.
        arguments: with which the data set gives all pictures, in normal light.
    """

    data_set: Callable[..., FileDataset]
    signs: tuple[str, ...]
    arguments: dict[str, Any]


#: Data sets whose files stand in known places.
PLACED: tuple[type[Placed], ...] = (
    Lol, LolV2, Lsrw, VeLol, Sice, FiveK, ExDark, DarkFace, ExtendedYaleB, ScFace, TinyFace, SurvFace,
)  # fmt: skip
#: By the data sets' registered names, looked for in this order.
LAYOUTS = {
    "lapa_face": Layout(LapaFace, ("normal",), {"split": None}),
    "celeba_mask_hq": Layout(CelebAMaskHQ, (PICTURES,), {}),
    "lapa": Layout(Lapa, ("train/images",), {}),
    **{one.registered: Layout(one, one.signs, {}) for one in PLACED},
    "lfw": Layout(Lfw, ("*/*_[0-9][0-9][0-9][0-9].*",), {}),
    "casia_facev5": Layout(CasiaFaceV5, ("**/[0-9][0-9][0-9]/[0-9][0-9][0-9]_[0-9].*",), {}),
    "image_folder": Layout(ImageFolder, ("**/*",), {"light": "normal"}),
}


@dataclass(frozen=True)
class Source:
    """Pictures to work on.

    Attributes:
        entries: by name ``<identity>_<n>``, sorted.
        splits: split name → names; empty when the source has no splits.
        fingerprint: changes with the files' names and sizes.
        loose: files without a place in the layout.
    """

    entries: dict[str, Entry]
    splits: dict[str, list[str]]
    fingerprint: str = ""
    loose: tuple[Path, ...] = ()


def open_source(root: Path, layout: str, tell: Tell = refuse) -> Source:
    """The pictures of a folder in one of the :data:`LAYOUTS`.

    Args:
        tell: takes what does not fit one of the :data:`PLACED`.

    Raises:
        DataError: the files do not fit another layout, or two pictures get the same name.
    """
    placed = next((one for one in PLACED if one.registered == layout), None)
    if placed is not None:
        return _placed(root, placed, tell)
    data_set, _, arguments = LAYOUTS[layout]
    parts = {"": arguments}  # one data set a split; the empty text stands for all in one
    if data_set is Lapa:
        parts = {split: {"split": split} for split in SPLITS if (root / split / "images").is_dir()}
    data_sets = {split: data_set(root, **keywords) for split, keywords in parts.items()}
    names: dict[str, Entry] = {}
    renamed: dict[str, str] = {}
    for entry in (entry for data in data_sets.values() for entry in data.entries):
        name = _name(entry)
        if name in names:
            raise DataError(f"{entry.picture} and {names[name].picture} would both be called {name!r}; rename one")
        names[name], renamed[entry.key] = entry, name
    splits = {split: sorted(_name(entry) for entry in data.entries) for split, data in data_sets.items() if split}
    if (root / "split.json").exists():
        splits = {
            split: sorted(renamed[key] for key in keys if key in renamed)
            for split, keys in read_splits(root / "split.json").items()
        }
    prints = ":".join(data.fingerprint() for data in data_sets.values())
    return Source(dict(sorted(names.items())), splits, prints)


def _placed(root: Path, data_set: type[Placed], tell: Tell) -> Source:
    told: list[str] = []

    def noted(kind: str, message: str) -> None:
        told.append(kind)
        tell(kind, message)

    found = {split: list(data_set.find(root, split, noted)) for split in data_set.splits or (None,)}
    entries = [entry for some in found.values() for entry in some]
    if not entries and not told:
        raise DataError(f"{root}: holds no pictures that can be used; the layout is {data_set.layout}")
    splits = {split: sorted(map(_name, some)) for split, some in found.items() if split is not None and some}
    for name, count in Counter(map(_name, entries)).items():
        if count > 1:
            tell("same_key", f"{root}: {count} pictures would be called {name!r}; rename all but one")
    files = sorted({path for entry in entries for path in entry.files()})
    fingerprint = f"{data_set.__name__}:{len(entries)}:{hash_of(files, root)}"
    return Source({_name(entry): entry for entry in sorted(entries, key=_name)}, splits, fingerprint)


def recognise(root: Path, layout: str | None = None) -> str:
    """The given layout once it is known to exist, or the first of :data:`LAYOUTS` whose sign is there.

    Raises:
        DataError: no such folder or layout.
    """
    if not root.is_dir():
        raise DataError(f"{root}: no such folder")
    if layout is None:
        return next((name for name, one in LAYOUTS.items() if _has(root, one.signs)), "image_folder")
    if layout not in LAYOUTS:
        raise DataError(f"no layout {layout!r}{nearest(layout, LAYOUTS)}; there are {listing(LAYOUTS)}")
    return layout


def _has(root: Path, signs: Iterable[str]) -> bool:
    return any(next(root.glob(sign), None) is not None for sign in signs)


def _name(entry: Entry) -> str:
    """``<identity>_<n>``: the key where it already is one, else made from identity and key."""
    key = entry.key.replace("/", "-")
    if entry.identity is None:
        return f"{key}_0"
    return key if key.rpartition("_")[0] == entry.identity else f"{entry.identity}_{key}"
