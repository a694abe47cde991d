"""Open-set identification."""

from __future__ import annotations

import numpy as np
import pytest

from lowface_recognition.open_set import split_people, threshold_at, tpir_at

LOST = -np.inf


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
