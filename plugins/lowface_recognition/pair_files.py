"""The files that say which pictures ``lowface verify`` compares, by their endings."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lowface_core.config.build import build_from
from lowface_core.data.images import images_by_key
from lowface_core.data.normal_form import normal_form
from lowface_core.errors import DataError, nearest
from lowface_data.folders.matlab_lists import matlab_variables, texts
from lowface_recognition.pairs import FOLDS, ListedPictures, Pairs, deal, people_of_pairs, read_pairs
from lowface_recognition.photos import Photo


def open_pairs(file: Path, data: Path | None) -> Pairs:
    """Pairs of a list (:func:`lowface_recognition.pairs.read_pairs`) or of what certain endings stand for.

    * ``.bin``: a pack of insightface, which holds its pictures itself; its folds are ten equal blocks, as LFW's are.
    * ``.mat``: QMUL-SurvFace's ``positive_pairs_names.mat``, or the ``negative_pairs_names.mat`` beside it: both are
      read, and the pictures lie in ``verification_images`` there, or in ``data``.

    Args:
        data: folder of the pictures; a pack has no use for one.

    Raises:
        DataError: the file or a picture is missing, or the file is malformed.
    """
    if file.suffix.lower() == ".mat" and file.is_file():
        return _survface_pairs(file.parent, data)
    if file.suffix.lower() != ".bin" or not file.is_file():
        return read_pairs(file, data)
    dataset = build_from("dataset", {"type": "insightface_bin", "path": str(file)}, "--pairs")
    same = dataset.same
    keys = [normal_form(dataset.facts(index)["key"]) for index in range(len(dataset))]
    first = np.arange(len(same)) * 2
    people = people_of_pairs([key.replace("_", "-") for key in keys], first, first + 1, same)
    photos = [Photo(dataset, index, key, person) for index, (key, person) in enumerate(zip(keys, people, strict=True))]
    fold = np.arange(len(same)) * FOLDS // len(same)
    return Pairs(photos, first, first + 1, same, fold, "file")


def _survface_pairs(folder: Path, data: Path | None) -> Pairs:
    data = folder / "verification_images" if data is None else data
    names: list[str] = []
    counts = []
    for kind in ("positive", "negative"):
        path, variable = folder / f"{kind}_pairs_names.mat", f"{kind}_pairs_names"
        found = texts(matlab_variables(path, (variable,))[variable], path)
        if not found or len(found) % 2:
            raise DataError(f"{path}: does not hold two names of pictures a row")
        names += found
        counts.append(len(found) // 2)
    known = images_by_key(data)
    numbers = {name: place for place, name in enumerate(dict.fromkeys(names))}
    keys = [Path(normal_form(name)).with_suffix("").as_posix() for name in numbers]
    for key in keys:
        if key not in known:
            raise DataError(f"{data}: holds no picture {key!r}, which a list of {folder} names{nearest(key, known)}")
    dataset = ListedPictures({key: known[key] for key in keys})
    first, second = np.array([numbers[name] for name in names]).reshape(-1, 2).T
    same = np.arange(len(first)) < counts[0]
    people = people_of_pairs(keys, first, second, same)
    photos = [Photo(dataset, index, key, person) for index, (key, person) in enumerate(zip(keys, people, strict=True))]
    return Pairs(photos, first, second, same, deal(same), "dealt")
