"""Ranks and the CMC on score matrices whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from lowface_recognition.cmc import NEVER, at_rank, best_per_person, cmc, ranks

LOST = -np.inf


def test_known_ranks() -> None:
    scores = np.array([[0.9, 0.5, 0.1], [0.9, 0.5, 0.1], [0.9, 0.5, 0.1]])
    rank = ranks(scores, np.array([0, 1, 2]), np.ones(3, bool))
    assert rank.tolist() == [1, 2, 3]
    assert cmc(rank, 3) == pytest.approx([1 / 3, 2 / 3, 1])


def test_ties_count_against_the_probe() -> None:
    scores = np.array([[0.5, 0.5, 0.1], [0.2, 0.2, 0.2]])
    assert ranks(scores, np.array([0, 1]), np.ones(2, bool)).tolist() == [2, 3]


def test_all_scores_equal_recognise_nobody_before_the_last_rank() -> None:
    rank = ranks(np.zeros((128, 128)), np.arange(128), np.ones(128, bool))
    assert cmc(rank, 128) == [0.0] * 127 + [1.0]


def test_one_identity() -> None:
    assert ranks(np.array([[0.1], [-0.4]]), np.zeros(2, int), np.ones(2, bool)).tolist() == [1, 1]


def test_an_undetected_probe_is_wrong_at_every_rank_and_counted() -> None:
    rank = ranks(np.array([[0.9, 0.1], [0.9, 0.1]]), np.array([0, 0]), np.array([True, False]))
    assert rank.tolist() == [1, NEVER]
    assert cmc(rank, 2) == [0.5, 0.5]
    assert at_rank(rank, 10_000).tolist() == [True, False]


def test_an_undetected_gallery_face_is_never_matched() -> None:
    """Not even by its own probes, and although all similarities to it would be the highest."""
    scores = np.array([[LOST, -0.9], [LOST, -0.9]])
    rank = ranks(scores, np.array([0, 1]), np.ones(2, bool))
    assert rank.tolist() == [NEVER, 1]
    assert ranks(np.full((1, 2), LOST), np.array([1]), np.ones(1, bool)).tolist() == [NEVER]


def test_equals_sorting_on_128_people() -> None:
    rng = np.random.default_rng(0)
    scores, own = rng.normal(size=(300, 128)), rng.integers(0, 128, 300)
    order = np.argsort(-scores, axis=1)
    expected = [int(np.flatnonzero(row == right)[0]) + 1 for row, right in zip(order, own, strict=True)]
    rank = ranks(scores, own, np.ones(300, bool))
    assert rank.tolist() == expected
    assert cmc(rank, 50) == [np.mean(np.array(expected) <= k) for k in range(1, 51)]


def test_the_best_of_several_gallery_pictures_counts() -> None:
    similarity = np.array([[0.1, 0.7, 0.4, LOST], [LOST, LOST, 0.3, 0.2]])
    best = best_per_person(similarity, np.array([0, 0, 1, 2]), 3)
    assert best.tolist() == [[0.7, 0.4, LOST], [LOST, 0.3, 0.2]]


def test_no_probes() -> None:
    assert np.isnan(cmc(np.array([], int), 2)).all()
