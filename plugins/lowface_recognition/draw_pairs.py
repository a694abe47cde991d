"""Drawing verification pairs from folders of people: ten folds of people, pairs within a fold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lowface_core.data.keyed_rng import keyed_rng
from lowface_core.errors import DataError
from lowface_recognition.pairs_file import FOLDS, Pairs
from lowface_recognition.photos import Photo


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
