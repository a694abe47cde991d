"""Verification pairs: read from LFW's ``pairs.txt`` or a table of two paths and 0/1 a line, or drawn."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lowface_core.data.dataset import Dataset
from lowface_core.data.images import images_by_key, list_images, read_image
from lowface_core.data.keyed_rng import keyed_rng
from lowface_core.data.normal_form import by_name, normal_form
from lowface_core.errors import DataError, nearest
from lowface_core.files import read_text
from lowface_recognition.photos import Photo

#: Folds that pairs are dealt to where the file says none.
FOLDS = 10
SAME = {
    **dict.fromkeys(("1", "true", "yes", "same", "genuine"), True),
    **dict.fromkeys(("0", "-1", "false", "no", "different", "impostor"), False),
}


@dataclass
class Pairs:
    """Pairs of pictures.

    Attributes:
        photos: every picture once.
        first, second: (N,) indices into ``photos``.
        same: (N,) bool, whether the two show one person.
        fold: (N,) int, numbered from 0.
        folds_from: ``"file"``, ``"dealt"`` or ``"drawn"``.
    """

    photos: list[Photo]
    first: np.ndarray
    second: np.ndarray
    same: np.ndarray
    fold: np.ndarray
    folds_from: str


class ListedPictures(Dataset):
    """The files that a list of pairs names, by key: ``normal`` and ``key``."""

    names = ("normal", "key")

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = list(files.items())

    def __len__(self) -> int:
        return len(self._files)

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        """``normal`` (3,H,W) in [0,1] and ``key``."""
        key, path = self._files[index]
        return {"normal": read_image(path), "key": key}

    def fingerprint(self) -> str:
        """The files' sizes in bytes."""
        return str([path.stat().st_size for _, path in self._files])


@dataclass(frozen=True)
class _Row:
    first: str
    second: str
    same: bool
    fold: int | None
    line: int


def read_pairs(file: Path, data: Path | None) -> Pairs:
    """Reads a list of pairs; its kind is known by its lines.

    * LFW: a first line ``folds pairs`` (or ``pairs``), then ``person n m`` for a pair of one person and
      ``person n other m`` of two, ``folds`` times ``pairs`` of each in turn; pictures lie in ``data`` as
      ``<person>/<person>_<nnnn>.jpg``.
    * Otherwise separated by tabs, semicolons, commas or spaces: two paths, ``1`` for one person or ``0`` for two (or
      any word of :data:`SAME`), and optionally the fold's number; a first line that does not say which is a heading.
      Paths are relative to ``data``, or to the file's folder.

    Raises:
        DataError: the file or a picture is missing, or a line is malformed; names file and line.
    """
    try:
        lines = read_text(file, "utf-8-sig").splitlines()
    except IsADirectoryError:
        raise DataError(f"{file}: is a folder; give the file of pairs") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise DataError(f"{file}: cannot be read ({reason}); give the file of pairs") from error
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not numbered:
        raise DataError(f"{file}: holds no pairs")
    lfw = all(word.isdecimal() for word in numbered[0][1].split())
    if lfw and data is None:
        raise DataError(f"{file}: is a list as LFW's; add --data, the folder of its people")
    rows = list(_lfw_rows(file, numbered) if lfw else _table_rows(file, numbered))
    if not rows:
        raise DataError(f"{file}: holds no pairs")
    return _collect(file, rows, data if data is not None else file.parent, lfw)


def _lfw_rows(file: Path, numbered: Sequence[tuple[int, str]]) -> Iterator[_Row]:
    counts = [int(word) for word in numbered[0][1].split()]
    folds, size = (counts[0], counts[1]) if len(counts) == 2 else (None, 0)
    if folds is not None and len(numbered) - 1 != 2 * folds * size:
        raise DataError(f"{file}: promises {folds} folds of 2 x {size} pairs and holds {len(numbered) - 1}")
    for place, (number, line) in enumerate(numbered[1:]):
        words = line.split("\t") if "\t" in line else line.split()
        if len(words) not in (3, 4) or not (words[1].isdecimal() and words[-1].isdecimal()):
            raise DataError(f"{file}, line {number}: is neither 'person n m' nor 'person n other m'")
        same = len(words) == 3
        people = (words[0], words[0] if same else words[2])
        keys = [f"{person}/{person}_{int(n):04d}" for person, n in zip(people, (words[1], words[-1]), strict=True)]
        yield _Row(keys[0], keys[1], same, None if folds is None else place // (2 * size), number)


def _table_rows(file: Path, numbered: Sequence[tuple[int, str]]) -> Iterator[_Row]:
    delimiter = next((one for one in "\t;," if one in numbered[0][1]), " ")
    for place, (number, line) in enumerate(numbered):
        fields = [field.strip() for field in next(csv.reader([line], delimiter=delimiter))]
        same = SAME.get(fields[2].lower()) if len(fields) in (3, 4) else None
        if place == 0 and len(fields) > 2 and not Path(fields[0]).suffix and not fields[2].isdecimal():
            continue  # a heading
        if same is None or not all(f.isdecimal() for f in fields[3:]):
            told = f"but {line!r}; write a/1.jpg,b/2.jpg,0"
            raise DataError(f"{file}, line {number}: is not 'path, path, 0 or 1' with an optional fold, {told}")
        yield _Row(fields[0], fields[1], same, int(fields[3]) if fields[3:] else None, number)


def _collect(file: Path, rows: Sequence[_Row], folder: Path, lfw: bool) -> Pairs:
    """Pictures once each, folds dealt where the file has none."""
    known = images_by_key(folder) if lfw else {}
    place: dict[str, int] = {}  # by the name as it is written
    numbers: dict[str, int] = {}  # by its normal form
    paths: list[Path] = []
    for row in rows:
        for name in (row.first, row.second):
            if name in place:
                continue
            path = folder / name
            if lfw or not path.is_file():  # perhaps its accents are spelt the other way
                known = known or by_name(list_images(folder, True), lambda one: one.relative_to(folder).as_posix())
                path = known.get(normal_form(name), known.get(normal_form(name.replace("\\", "/")), path))
            if not path.is_file():
                raise DataError(f"{file}, line {row.line}: no picture {name!r} in {folder}{nearest(name, known)}")
            place[name] = numbers.setdefault(normal_form(name), len(paths))
            if place[name] == len(paths):
                paths.append(path)
            elif paths[place[name]] != path:
                raise DataError(f"{path} and {paths[place[name]]} share the name {name!r}; rename or remove one")
    first, second = np.array([(place[row.first], place[row.second]) for row in rows]).T
    same = np.array([row.same for row in rows])
    keys = [Path(name).with_suffix("").as_posix() if not lfw else name for name in numbers]
    people = people_of_pairs(keys, first, second, same)
    dataset = ListedPictures(dict(zip(numbers, paths, strict=True)))
    photos = [Photo(dataset, index, key, person) for index, (key, person) in enumerate(zip(keys, people, strict=True))]
    given = [row.fold for row in rows if row.fold is not None]
    if not given:
        return Pairs(photos, first, second, same, deal(same), "dealt")
    if len(given) < len(rows):
        number = next(row.line for row in rows if row.fold is None)
        raise DataError(f"{file}, line {number}: has no fold, other lines have")
    return Pairs(photos, first, second, same, np.unique(given, return_inverse=True)[1], "file")


def deal(same: np.ndarray, folds: int = FOLDS) -> np.ndarray:
    """Folds of pairs in the order of a list: genuine and impostor pairs are dealt one by one, each kind for itself."""
    fold = np.zeros(len(same), dtype=np.int64)
    for kind in (True, False):
        places = np.flatnonzero(same == kind)
        fold[places] = np.arange(len(places)) % folds
    return fold


def people_of_pairs(keys: Sequence[str], first: np.ndarray, second: np.ndarray, same: np.ndarray) -> list[str]:
    """A name for the person on each picture, as far as names and pairs tell: the people that intervals are over.

    The folder's name, or the file's up to its last underscore. Where these names contradict the pairs (a pair of one
    person has two names, a pair of two people one), they are no names of people: then pictures show one person where
    genuine pairs connect them.

    Args:
        keys: paths of the pictures.
        first, second: (N,) indices of pairs.
        same: (N,) bool.
    """
    paths = [PurePosixPath(key) for key in keys]
    names = [p.parent.as_posix() if len(p.parts) > 1 else p.stem.rpartition("_")[0] or p.stem for p in paths]
    one = np.array([names[a] == names[b] for a, b in zip(first, second, strict=True)])
    if (one == same).all():
        return names
    graph = coo_array((np.ones(same.sum()), (first[same], second[same])), shape=(len(keys), len(keys)))
    return [keys[number] for number in connected_components(graph, directed=False)[1]]


def draw_pairs(photos: Sequence[Photo], impostors: int | None, seed: int, folds: int = FOLDS) -> Pairs:
    """All genuine pairs, and impostor pairs drawn without repetition, the same for the same people and seed.

    People are dealt to folds at random, and a pair lies within a fold: as in LFW, nobody the threshold was learnt on is
    tested with it. Which picture of a pair comes second, and so is darkened, is drawn too.

    Args:
        photos: pictures of people.
        impostors: how many impostor pairs, at most, over all folds; None: as many as genuine ones.
        seed: of every draw.
        folds: at most; fewer where there are fewer than two people a fold.

    Raises:
        DataError: there is no pair of one of the kinds.
    """
    rng = keyed_rng(3, seed)
    names, person = np.unique([photo.person for photo in photos], return_inverse=True)
    folds = max(1, min(folds, len(names) // 2))
    fold_of = np.empty(len(names), dtype=np.int64)
    fold_of[rng.permutation(len(names))] = np.arange(len(names)) % folds
    fold = fold_of[person]
    genuine, strangers = [], []
    for number in range(folds):
        inside = np.flatnonzero(fold == number)
        ends = inside[np.stack(np.triu_indices(len(inside), 1), 1)]
        one = person[ends[:, 0]] == person[ends[:, 1]]
        genuine.append(ends[one])
        strangers.append(ends[~one])
    wanted = sum(map(len, genuine)) if impostors is None else impostors
    drawn = [
        every[np.sort(rng.permutation(len(every))[: wanted // folds + (number < wanted % folds)])]
        for number, every in enumerate(strangers)
    ]
    if not any(map(len, genuine)):
        raise DataError("there is no genuine pair to draw: nobody has two pictures")
    if not any(map(len, drawn)):
        raise DataError("there is no impostor pair to draw: it takes two people")
    ends = np.concatenate([part for both in zip(genuine, drawn, strict=True) for part in both])
    same, numbers = person[ends[:, 0]] == person[ends[:, 1]], fold[ends[:, 0]]
    swap = rng.random(len(ends)) < 0.5
    ends[swap] = ends[swap, ::-1]
    used, place = np.unique(ends, return_inverse=True)
    first, second = place.reshape(ends.shape).T
    return Pairs([photos[index] for index in used], first, second, same, numbers, "drawn")
