"""The files that say which pictures ``lowface verify`` compares, by their endings."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lowface_core.config.build import build_from
from lowface_core.data.normal_form import normal_form
from lowface_recognition.pairs import FOLDS, Pairs, people_of_pairs, read_pairs
from lowface_recognition.photos import Photo


def open_pairs(file: Path, data: Path | None) -> Pairs:
    """Pairs of a list (:func:`lowface_recognition.pairs.read_pairs`) or of a pack that holds its pictures itself.

    A pack, known by its ending ``.bin``, has its folds in ten equal blocks, as LFW's list has them.

    Args:
        data: folder of the pictures; a pack has no use for one.

    Raises:
        DataError: the file or a picture is missing, or the file is malformed.
    """
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
