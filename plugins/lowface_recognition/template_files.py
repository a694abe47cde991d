"""The protocol files of IJB-B and IJB-C as insightface distributes them: templates of many pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lowface_core.data.dataset import Dataset
from lowface_core.data.images import read_image
from lowface_core.errors import DataError
from lowface_core.files import read_text
from lowface_face.align import align_similarity
from lowface_face.encoder import template_for
from lowface_recognition.photos import Photo

#: Where the pictures lie, beside the folder of the protocol's files.
CROPS, META = "loose_crop", "meta"
#: Side of the aligned crops.
SIDE = 112


class IjbPictures(Dataset):
    """Faces cut out by their five given landmarks, 112x112, as encoders' templates have them: ``normal`` and ``key``.

    Args:
        folder: of the pictures.
        names: their files.
        landmarks: (P,5,2), x y pixels.
    """

    names = ("normal", "key")

    def __init__(self, folder: Path, names: Sequence[str], landmarks: np.ndarray) -> None:
        self.folder, self.files, self.landmarks = folder, list(names), landmarks

    def __len__(self) -> int:
        return len(self.files)

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        """``normal`` (3,112,112) in [0,1] and ``key``, the file's name."""
        picture = torch.from_numpy(read_image(self.folder / self.files[index]))[None]
        points = torch.from_numpy(self.landmarks[index])[None]
        crop = align_similarity(picture, points, template_for((SIDE, SIDE)), (SIDE, SIDE))
        return {"normal": crop[0].clamp(0, 1).numpy(), "key": self.files[index]}

    def fingerprint(self) -> str:
        """The number of pictures and the sum of their landmarks, which stand for them."""
        return f"IjbPictures:{len(self)}:{float(self.landmarks.sum(dtype=np.float64)):.3f}"


@dataclass
class Faces:
    """Pictures in templates.

    Attributes:
        dataset: of the pictures.
        template: (P,) which template each picture is of.
        media: (P,) which photograph or video within it; frames of a video share one.
        numbers: of the templates, as the files call them, rising.
        file: where they were read.
    """

    dataset: IjbPictures
    template: np.ndarray
    media: np.ndarray
    numbers: np.ndarray
    file: Path

    def places(self, numbers: np.ndarray, told: str) -> np.ndarray:
        """Places of templates in :attr:`numbers`.

        Args:
            told: of the file that names them and what a row of it is, for messages.

        Raises:
            DataError: one has no picture.
        """
        found = np.searchsorted(self.numbers, numbers).clip(max=len(self.numbers) - 1)
        wrong = np.flatnonzero(self.numbers[found] != numbers)
        if len(wrong):
            row, name = int(wrong[0]) + 1, int(numbers[wrong[0]])
            raise DataError(f"{told} {row}: template {name} has no picture in {self.file}")
        return found


@dataclass
class Templates:
    """Pictures in templates, and the pairs of templates to compare.

    Attributes:
        photos: every picture; ``person`` is the subject as far as the pairs tell.
        template, media: see :class:`Faces`.
        names: of the templates, in their order.
        first, second: (N,) templates.
        same: (N,) bool, whether the two are of one person.
    """

    photos: list[Photo]
    template: np.ndarray
    media: np.ndarray
    names: list[str]
    first: np.ndarray
    second: np.ndarray
    same: np.ndarray


def read_faces(root: Path) -> Faces:
    """The pictures of a folder such as ``IJBC`` and their templates.

    ``meta/<set>_face_tid_mid.txt`` has lines ``picture template media``, ``meta/<set>_name_5pts_score.txt`` ten numbers
    of five landmarks and a score behind each picture; pictures lie in ``loose_crop``.

    Raises:
        DataError: a file is missing or malformed, or the two disagree.
    """
    lists, points = (_only(root, end) for end in ("face_tid_mid", "name_5pts_score"))
    rows, marks = _rows(lists, 3), _rows(points, 12)
    if [row[0] for row in rows] != [row[0] for row in marks]:
        raise DataError(f"{lists} and {points}: must name the same pictures in the same order")
    numbers = _numbers(lists, [row[1:] for row in rows]).astype(np.int64)
    landmarks = _numbers(points, [row[1:11] for row in marks]).astype(np.float32).reshape(-1, 5, 2)
    known, template = np.unique(numbers[:, 0], return_inverse=True)
    dataset = IjbPictures(root / CROPS, [row[0] for row in rows], landmarks)
    return Faces(dataset, template, numbers[:, 1], known, lists)


def read_templates(root: Path) -> Templates:
    """Templates and the pairs of ``meta/<set>_template_pair_label.txt``: two templates, ``1`` one person or ``0`` two.

    Raises:
        DataError: as :func:`read_faces`; or a pair names a template without pictures, or all pairs are of one kind.
    """
    faces, pairs = read_faces(root), _only(root, "template_pair_label")
    table = _pair_table(pairs)
    first, second = (faces.places(table[:, side], f"{pairs}, pair") for side in (0, 1))
    same = table[:, 2] == 1
    if same.all() or not same.any():
        raise DataError(f"{pairs}: holds pairs of one kind only; it takes both to compare")
    subject = subjects(len(faces.numbers), first[same], second[same])
    photos = [
        Photo(faces.dataset, place, name, str(subject[of]))
        for place, (name, of) in enumerate(zip(faces.dataset.files, faces.template, strict=True))
    ]
    names = [str(name) for name in faces.numbers]
    return Templates(photos, faces.template, faces.media, names, first, second, same)


def subjects(count: int, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(count,) number of each template's person, as far as the genuine pairs connect them."""
    graph = coo_array((np.ones(len(first)), (first, second)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1])


def _only(root: Path, end: str) -> Path:
    found = sorted((root / META).glob(f"*_{end}.txt"))
    if len(found) != 1:
        raise DataError(f"{root / META}: holds {len(found)} files called <set>_{end}.txt; it takes one")
    return found[0]


def _rows(path: Path, words: int) -> list[list[str]]:
    rows = [line.split() for line in _text(path).splitlines() if line.strip()]
    wrong = next((number for number, row in enumerate(rows, 1) if len(row) != words), None)
    if wrong is not None or not rows:
        raise DataError(f"{path}, line {wrong or 1}: must hold {words} words")
    return rows


def _numbers(path: Path, rows: list[list[str]]) -> np.ndarray:
    try:
        return np.array(rows, dtype=np.float64)
    except ValueError as error:
        raise DataError(f"{path}: holds something else than numbers behind the names of pictures") from error


def _pair_table(path: Path) -> np.ndarray:
    """(N,3) int64; the lists are long, IJB-C's has 15.7 million lines."""
    try:
        table = np.array(_text(path).split(), dtype=np.int64)
        return table.reshape(-1, 3)
    except (ValueError, OverflowError) as error:
        raise DataError(f"{path}: is not three whole numbers a line, two templates and 1 or 0") from error


def _text(path: Path) -> str:
    try:
        return read_text(path, "utf-8-sig")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise DataError(f"{path}: cannot be read ({reason})") from error
