"""Figures of a verification, on constructed scores."""

from __future__ import annotations

import numpy as np
import pytest

from lowface_recognition.bootstrap import people_weights
from lowface_recognition.verification import change, figures, pair_weights, scores_of


def pairs(count: int, seed: int = 0, shift: float = 1.5) -> tuple[np.ndarray, ...]:
    """``count`` genuine and ``count`` impostor pairs of 128 people in ten folds; a few without a face."""
    rng = np.random.default_rng(seed)
    same = np.repeat([True, False], count)
    first = rng.integers(0, 128, 2 * count)
    second = np.where(same, first, (first + rng.integers(1, 128, 2 * count)) % 128)
    return rng.normal(size=2 * count) + shift * same, rng.random(2 * count) > 0.05, same, first % 10, first, second


def test_figures_against_counting() -> None:
    similarity, found, same, fold, first, second = pairs(1200)
    scores = scores_of(similarity, found, same, fold)
    assert (scores.score[~found] == -np.inf).all()
    told = figures(scores, same, (first, second), people_weights(128, 0, draws=40))
    genuine, impostor = scores.score[same], scores.score[~same]
    wins = (genuine[:, None] > impostor).mean() + 0.5 * (genuine[:, None] == impostor).mean()
    assert told["auc"]["value"] == pytest.approx(wins)
    assert told["undetected"]["value"] == pytest.approx((~found).mean())
    assert told["accuracy"]["value"] == pytest.approx(
        np.mean([scores.accuracy.right[fold == k].mean() for k in range(10)])
    )
    assert not scores.accuracy.right[~found].any()
    for name in ("accuracy", "auc", "eer", "undetected"):
        assert told[name]["low"] < told[name]["value"] < told[name]["high"], name
    assert 0 < told["accuracy"]["std"] < 0.1
    assert len(told["folds"]) == 10
    assert len(told["roc"]["far"]) == len(told["roc"]["tar"]) <= 200


def test_rates_that_the_pairs_are_too_few_for_are_not_given() -> None:
    similarity, found, same, fold, first, second = pairs(1000)
    told = figures(scores_of(similarity, found, same, fold), same, (first, second), people_weights(128, 0, draws=5))
    assert [entry["far"] for entry in told["tar"]] == [1e-1, 1e-2, 1e-3, 1e-4]
    assert [entry["note"] for entry in told["tar"]] == [
        None,
        None,
        "too few impostor pairs (1000; 10000 needed)",
        "too few impostor pairs (1000; 100000 needed)",
    ]
    assert [entry["tar"] is None for entry in told["tar"]] == [False, False, True, True]
    similarity, found, same, fold, first, second = pairs(99)
    told = figures(scores_of(similarity, found, same, fold), same, (first, second), people_weights(128, 0, draws=5))
    assert told["tar"][0]["note"] == "too few impostor pairs (99; 100 needed)"


def test_known_extremes() -> None:
    same, fold = np.tile([True, False], 200), np.repeat(np.arange(10), 40)
    people = np.arange(400) % 20, (np.arange(400) + ~same) % 20
    weights = people_weights(20, 0, draws=20)
    perfect = figures(scores_of(same * 1.0, same | ~same, same, fold), same, people, weights)
    assert [perfect[name]["value"] for name in ("accuracy", "auc", "eer")] == [1.0, 1.0, 0.0]
    assert perfect["tar"][0]["tar"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    equal = figures(scores_of(same * 0.0, same | ~same, same, fold), same, people, weights)
    assert [equal[name]["value"] for name in ("accuracy", "auc", "eer")] == [0.5, 0.5, 0.5]
    nothing = figures(scores_of(same * 1.0, same & ~same, same, fold), same, people, weights)
    assert [nothing[name]["value"] for name in ("accuracy", "auc", "eer", "undetected")] == [0.0, 0.5, 0.5, 1.0]
    assert nothing["tar"][0]["tar"]["value"] == 0.0


def test_one_fold_leaves_the_accuracy_open() -> None:
    similarity, found, same, _, first, second = pairs(50)
    scores = scores_of(similarity, found, same, np.zeros(100, int))
    told = figures(scores, same, (first, second), people_weights(128, 0, draws=5))
    assert np.isnan([told["accuracy"]["value"], told["accuracy"]["low"]]).all()
    assert np.isfinite(told["auc"]["value"])


def test_the_weight_of_a_pair() -> None:
    row, same = np.array([0, 1, 2, 3]), np.array([True, True, False, False])
    people = np.array([2, 0, 2, 0]), np.array([2, 0, 3, 1])
    assert pair_weights(row, same, people).tolist() == [2, 0, 6, 0]


def test_the_change_is_that_of_the_same_pairs() -> None:
    similarity, found, same, fold, first, second = pairs(300)
    before = scores_of(similarity, found, same, fold)
    after = scores_of(similarity + 0.5 * same, found, same, fold)
    weights = people_weights(128, 0, draws=100)
    told = change(before, after, same, (first, second), weights)["accuracy"]
    assert told["value"] == pytest.approx(after.accuracy.mean - before.accuracy.mean)
    assert 0 < told["low"] < told["value"] < told["high"]
    assert change(before, before, same, (first, second), weights)["accuracy"] == {"value": 0.0, "low": 0.0, "high": 0.0}
