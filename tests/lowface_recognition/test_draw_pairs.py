"""Drawing pairs."""

from __future__ import annotations

import numpy as np
import pytest

from lowface_core.errors import DataError
from lowface_recognition.draw_pairs import draw_pairs
from lowface_recognition.pairs_file import ListedPictures
from lowface_recognition.photos import Photo

DATA = ListedPictures({})


def photos(people: int, pictures: int) -> list[Photo]:
    return [Photo(DATA, 0, f"p{p}/{n}", f"p{p}") for p in range(people) for n in range(pictures)]


def test_all_genuine_pairs_and_as_many_impostors_within_folds_of_people() -> None:
    pairs = draw_pairs(photos(40, 3), None, seed=0)
    person = np.array([photo.person for photo in pairs.photos])
    assert pairs.same.sum() == 40 * 3
    assert (~pairs.same).sum() == 120
    assert np.array_equal(person[pairs.first] == person[pairs.second], pairs.same)
    ends = {frozenset(pair) for pair in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)}
    assert len(ends) == 240  # no pair twice, none of a picture with itself
    assert all(len(end) == 2 for end in ends)
    folds = [{*person[pairs.first[pairs.fold == k]], *person[pairs.second[pairs.fold == k]]} for k in range(10)]
    assert sum(map(len, folds)) == len(set().union(*folds)) == 40  # nobody is in two folds
    assert 0.3 < (pairs.first < pairs.second).mean() < 0.7


def test_the_seed_decides() -> None:
    one, same, other = (draw_pairs(photos(20, 2), None, seed) for seed in (0, 0, 1))
    assert np.array_equal(one.first, same.first)
    assert one.photos == same.photos
    assert not np.array_equal(one.first, other.first) or one.photos != other.photos


def test_more_or_fewer_impostors() -> None:
    assert (~draw_pairs(photos(40, 3), 500, 0).same).sum() == 500
    assert (~draw_pairs(photos(40, 3), 7, 0).same).sum() == 7
    assert (~draw_pairs(photos(40, 3), 10**6, 0).same).sum() == 10 * 4 * 3 // 2 * 9  # all there are within folds


def test_too_few_people() -> None:
    assert len(np.unique(draw_pairs(photos(7, 2), None, 0).fold)) == 3
    with pytest.raises(DataError, match="no genuine pair to draw: nobody has two pictures"):
        draw_pairs(photos(5, 1), None, 0)
    with pytest.raises(DataError, match="no impostor pair to draw: it takes two people"):
        draw_pairs(photos(1, 3), None, 0)
