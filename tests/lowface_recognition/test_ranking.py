"""Ranks and the CMC on score matrices whose answers are known; open-set identification."""

from __future__ import annotations

import numpy as np
import pytest

from lowface_recognition.ranking import NEVER, at_rank, best_per_person, cmc, ranks, split_people, threshold_at, tpir_at

LOST = -np.inf


@pytest.mark.parametrize(
    ("scores", "own", "found", "expected"),
    [
        ([[0.9, 0.5, 0.1]] * 3, [0, 1, 2], [1, 1, 1], [1, 2, 3]),
        ([[0.5, 0.5, 0.1], [0.2, 0.2, 0.2]], [0, 1], [1, 1], [2, 3]),  # ties count against the probe
        ([[0.1], [-0.4]], [0, 0], [1, 1], [1, 1]),  # one identity
        ([[0.9, 0.1], [0.9, 0.1]], [0, 0], [1, 0], [1, NEVER]),  # an undetected probe
        ([[LOST, -0.9], [LOST, -0.9]], [0, 1], [1, 1], [NEVER, 1]),  # an undetected gallery face, for its own probe
        ([[LOST, LOST]], [1], [1], [NEVER]),
    ],
)
def test_known_ranks(scores: list[list[float]], own: list[int], found: list[int], expected: list[int]) -> None:
    assert ranks(np.array(scores), np.array(own), np.array(found, bool)).tolist() == expected


def test_the_cmc_counts_every_probe() -> None:
    assert cmc(np.array([1, 2, 3]), 3) == pytest.approx([1 / 3, 2 / 3, 1])
    assert cmc(np.array([1, NEVER]), 2) == [0.5, 0.5]  # an undetected probe is wrong at every rank
    assert at_rank(np.array([1, NEVER]), 10_000).tolist() == [True, False]
    assert np.isnan(cmc(np.array([], int), 2)).all()
    rank = ranks(np.zeros((128, 128)), np.arange(128), np.ones(128, bool))  # scores that say nothing
    assert cmc(rank, 128) == [0.0] * 127 + [1.0]


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


def test_the_split_is_half_and_depends_on_the_seed_alone() -> None:
    known = split_people(129, 0)
    assert known.sum() == 65
    assert np.array_equal(known, split_people(129, 0))
    assert not np.array_equal(known, split_people(129, 1))
    assert split_people(1, 0).tolist() == [True]


def test_a_known_threshold() -> None:
    strangers = np.arange(10) / 10  # 0.0 … 0.9
    assert threshold_at(strangers, 0.1) == 0.8  # one alarm: 0.9
    assert threshold_at(strangers, 0.35) == pytest.approx(0.6)
    assert threshold_at(strangers, 0.05) == 0.9  # none is allowed
    assert threshold_at(strangers, 1.0) == LOST
    assert np.isnan(threshold_at(np.array([]), 0.1))


def test_ties_keep_below_the_rate() -> None:
    strangers = np.array([0.5] * 10)
    assert threshold_at(strangers, 0.1) == 0.5
    assert (strangers > threshold_at(strangers, 0.1)).sum() == 0


def test_known_rates() -> None:
    right = np.array([True, True, False, True])
    score = np.array([0.95, 0.85, 0.99, 0.5])
    strangers = np.arange(10) / 10
    assert tpir_at(right, score, strangers, 0.1) == 0.5  # above 0.8: the first two; the third is somebody else
    assert tpir_at(right, score, strangers, 0.05) == 0.25


def test_undetected_probes() -> None:
    """A mated one is a miss; a stranger raises no alarm and stays in the count."""
    strangers = np.array([0.9, LOST, LOST, LOST])
    assert tpir_at(np.array([True, False]), np.array([0.1, LOST]), strangers, 0.25) == 0.5
    assert tpir_at(np.array([True]), np.array([0.95]), np.full(4, LOST), 0.25) == 1.0


def test_equals_trying_every_threshold() -> None:
    rng = np.random.default_rng(0)
    right, score = rng.random(80) < 0.9, rng.normal(1, 1, 80).round(1)
    strangers = rng.normal(0, 1, 120).round(1)
    for fpir in (0.5, 0.1, 0.03):
        possible = [t for t in np.unique(strangers) if (strangers > t).mean() <= fpir]
        assert tpir_at(right, score, strangers, fpir) == pytest.approx((right & (score > min(possible))).mean())


def test_whole_weights_are_repeated_probes() -> None:
    rng = np.random.default_rng(1)
    right, score, strangers = rng.random(50) < 0.8, rng.normal(1, 1, 50), rng.normal(0, 1, 70)
    a, b = rng.integers(0, 3, 50), rng.integers(0, 3, 70)
    repeated = tpir_at(np.repeat(right, a), np.repeat(score, a), np.repeat(strangers, b), 0.1)
    assert tpir_at(right, score, strangers, 0.1, a, b) == pytest.approx(repeated)
    assert np.isnan(tpir_at(right, score, strangers, 0.1, a * 0, b))
    assert np.isnan(tpir_at(right, score, strangers, 0.1, a, b * 0))
