"""CelebAMask-HQ as it is downloaded: pictures, one mask a facial part, identities where their file was added."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lowface_core.data.images import list_images
from lowface_core.data.normal_form import normal_form
from lowface_core.errors import DataError, listing, nearest
from lowface_data.folders.file_dataset import FileDataset
from lowface_data.folders.layout import Entry, Masks, files_by_key, keys_of_split, partner

PICTURES, MASKS = "CelebA-HQ-img", "CelebAMask-HQ-mask-anno"
MAPPING = "CelebA-HQ-to-CelebA-mapping.txt"
IDENTITIES = ("CelebA-HQ-identity.txt", "identity_CelebA.txt")

#: CelebAMask-HQ's 18 masks (its 19 classes without the background) → LaPa class, in painting order: what lies in front
#: comes later. Glasses and ears count as skin; neck, cloth, hat and jewellery as background. ``l_`` and ``r_`` are the
#: sides of the person shown: in a frontal picture the "left" parts lie in its right half.
CELEBA_PARTS: dict[str, int] = {
    "skin": 1, "nose": 6, "eye_g": 1, "l_eye": 4, "r_eye": 5, "l_brow": 2, "r_brow": 3, "l_ear": 1, "r_ear": 1,
    "mouth": 8, "u_lip": 7, "l_lip": 9, "hair": 10, "hat": 0, "ear_r": 0, "neck_l": 0, "neck": 0, "cloth": 0,
}  # fmt: skip


class CelebAMaskHQ(FileDataset):
    """CelebAMask-HQ: 30,000 pictures with masks of 18 facial parts, mapped to the 11 LaPa classes.

    Layout below ``root``: ``CelebA-HQ-img/<n>.jpg``; ``CelebAMask-HQ-mask-anno/<folder>/<nnnnn>_<part>.png`` (absent:
    no ``labels``); optionally ``split.json`` (split name → list of numbers as texts), and a file of identities. Masks
    may be smaller than their pictures. See :data:`CELEBA_PARTS` for the mapping.

    Args:
        root: the folder ``CelebAMask-HQ``.
        split: name in ``split.json``; without that file every picture belongs to every split. None takes all pictures.
        identity_file: lines ``<picture> <identity>``; a picture is the number in CelebA-HQ, or CelebA's own number,
            which ``CelebA-HQ-to-CelebA-mapping.txt`` (it comes with the data) translates. None looks in ``root``
            for ``CelebA-HQ-identity.txt``, then ``identity_CelebA.txt``; without either there is no ``identity``.
        **shared: see :class:`FileDataset`.

    Raises:
        ConfigError: ``contrast`` lacks a source of low-light pictures.
        DataError: the files do not fit the layout.
    """

    registered, layout = "celeba_mask_hq", f"{PICTURES}/<n>.jpg"

    def __init__(
        self, root: str | Path, split: str | None = None, identity_file: str | Path | None = None, **shared: Any
    ) -> None:
        root = Path(root).expanduser()
        if not (root / PICTURES).is_dir():
            raise DataError(f"{root / PICTURES}: no such folder; give the root of CelebAMask-HQ, which holds it")
        pictures = files_by_key(root / PICTURES)
        masks = _masks(root / MASKS) if (root / MASKS).is_dir() else None
        identity = _identities(root, identity_file, pictures)
        entries = (
            Entry(
                key,
                partner(root, key, identity, "identity"),
                normal=pictures[key],
                labels=partner(root / MASKS, str(int(key)) if key.isdecimal() else key, masks, "masks"),
            )
            for key in keys_of_split(root, split, sorted(pictures, key=_in_order), root / PICTURES)
        )
        super().__init__(root, entries, **shared)


def _in_order(key: str) -> tuple[int, str]:
    """Pictures by number, then whatever else there is."""
    return (int(key), key) if key.isdecimal() else (1 << 60, key)


def _masks(folder: Path) -> dict[str, Masks]:
    """The masks of each picture, by its number without leading zeros, in painting order."""
    found: dict[str, dict[str, Path]] = {}
    for path in list_images(folder, recursive=True):
        number, _, part = path.stem.partition("_")
        if part not in CELEBA_PARTS or not number.isdecimal():
            raise DataError(
                f"{path}: the name is not <number>_<part>.png{nearest(part, CELEBA_PARTS)}; "
                f"parts are {listing(CELEBA_PARTS)}"
            )
        found.setdefault(str(int(number)), {})[part] = path
    return {
        number: Masks(folder / number, tuple((parts[p], c) for p, c in CELEBA_PARTS.items() if p in parts))
        for number, parts in found.items()
    }


def _identities(root: Path, given: str | Path | None, keys: dict[str, Path]) -> dict[str, str] | None:
    """Picture key → identity, or None where there is no file."""
    places = [root / name for name in IDENTITIES] if given is None else [Path(given).expanduser()]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        if given is not None:
            raise DataError(f"{given}: no such identity file")
        return None
    rows = dict(_columns(path, 2))
    rows = {normal_form(name.rpartition(".")[0] or name): identity for name, identity in rows.items()}
    if set(keys) <= set(rows):
        return rows
    if not (root / MAPPING).is_file():
        raise DataError(f"{path}: does not name every picture by its CelebA-HQ number; put {MAPPING} into {root}")
    original = {row[0]: row[2].rpartition(".")[0] for row in _columns(root / MAPPING, 3) if row[0].isdecimal()}
    return {key: rows[name] for key, name in original.items() if name in rows}


def _columns(path: Path, count: int) -> list[list[str]]:
    try:
        rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read as text ({str(error).splitlines()[0]})") from error
    wrong = next((i for i, row in enumerate(rows, 1) if len(row) != count), None)
    if wrong is not None:
        raise DataError(f"{path}, line {wrong}: must hold {count} words")
    return rows
