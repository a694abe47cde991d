"""Intervals over people, accuracy over folds, and the figures of a verification."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lowface_recognition.bootstrap import interval, people_weights, share
from lowface_recognition.verification import best_threshold, change, figures, pair_weights, scores_of


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
    assert told["accuracy"]["value"] == pytest.approx(np.mean([scores.right[fold == k].mean() for k in range(10)]))
    assert not scores.right[~found].any()
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
    changed, tests = change(before, after, same, (first, second), weights)
    told = changed["accuracy"]
    assert tests == [{"of": "accuracy", "test": "bootstrap", "p": pytest.approx(2 / 101)}]
    assert told["value"] == pytest.approx(after.mean - before.mean)
    assert 0 < told["low"] < told["value"] < told["high"]
    unchanged, tests = change(before, before, same, (first, second), weights)
    assert unchanged["accuracy"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert tests[0]["p"] == 1


def test_the_paired_bootstrap_is_scipys_where_every_pair_has_people_of_its_own() -> None:
    """Genuine pairs of one person each: resampling people is resampling pairs, as scipy's paired bootstrap does."""
    rng = np.random.default_rng(2)
    count = 200
    same, fold, people = np.ones(count, bool), np.arange(count) % 10, np.arange(count)
    before, after = (scores_of(np.zeros(count), same, same, fold) for _ in range(2))
    before.right, after.right = rng.random(count) < 0.6, rng.random(count) < 0.8
    before.each, after.each = ([float(one.right.mean())] for one in (before, after))
    changed, tests = change(before, after, same, (people, people), people_weights(count, 0, draws=20_000))
    wanted = stats.bootstrap(
        (after.right.astype(float), before.right.astype(float)),
        lambda a, b, axis: a.mean(axis) - b.mean(axis),
        paired=True,
        method="percentile",
        n_resamples=20_000,
        random_state=1,
    )
    low, high = wanted.confidence_interval
    told = changed["accuracy"]
    assert (told["low"], told["high"]) == pytest.approx((low, high), abs=0.04 * (high - low))
    draws = wanted.bootstrap_distribution
    assert tests[0]["p"] == pytest.approx(2 * min((draws <= 0).mean(), (draws >= 0).mean()), abs=0.002)


LOST = -np.inf


def ten_folds(genuine: float = 0.8, impostor: float = 0.2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ten folds of two genuine and two impostor pairs."""
    same = np.tile([True, True, False, False], 10)
    return np.where(same, genuine, impostor), same, np.repeat(np.arange(10), 4)


def test_separable_scores() -> None:
    score, same, fold = ten_folds()
    told = scores_of(score, np.ones(40, bool), same, fold)
    assert (told.mean, told.std) == (1.0, 0.0)
    assert told.thresholds == pytest.approx([0.5] * 10)
    assert told.right.all()


def test_the_threshold_comes_from_the_other_folds() -> None:
    """A fold whose scores lie elsewhere is judged by what was learnt without it: all its pairs are accepted."""
    score, same, fold = ten_folds()
    score[fold == 3] += 1.0
    told = scores_of(score, np.ones(40, bool), same, fold)
    assert told.each == [1.0, 1.0, 1.0, 0.5, *[1.0] * 6]
    assert told.mean == pytest.approx(0.95)
    assert told.std == pytest.approx(np.std(told.each, ddof=1))
    assert told.right[fold == 3].tolist() == [True, True, False, False]


def test_an_undetected_face_is_a_wrong_answer_in_both_kinds_of_pair() -> None:
    score, same, fold = ten_folds()
    found = np.ones(40, bool)
    found[[0, 2]] = False  # a genuine and an impostor pair of the first fold
    score[~found] = LOST
    told = scores_of(score, found, same, fold)
    assert told.each == [0.5, *[1.0] * 9]
    assert told.right.sum() == 38
    assert told.thresholds == pytest.approx([0.5] * 10)  # no part in choosing one


def test_ties_and_the_lowest_of_equally_good_thresholds() -> None:
    assert best_threshold(np.array([0.2, 0.5, 0.5, 0.8]), np.array([False, False, True, True])) == pytest.approx(0.35)
    assert best_threshold(np.array([0.4, 0.4]), np.array([True, True])) < 0.4
    assert best_threshold(np.array([0.4, 0.4]), np.array([False, False])) > 0.4
    assert best_threshold(np.array([]), np.array([], bool)) == 0.0


def test_the_threshold_equals_trying_all() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        same = rng.random(50) < 0.5
        score = (rng.normal(size=50) + same).round(1)
        values = np.unique(score)
        every = [values[0] - 1, *(values[1:] + values[:-1]) / 2, values[-1] + 1]
        best = max(((score >= t) == same).sum() for t in every)
        assert ((score >= best_threshold(score, same)) == same).sum() == best


def test_people_are_drawn_with_replacement_and_the_seed_decides() -> None:
    weights = people_weights(20, 0, draws=50)
    assert weights.shape == (50, 20)
    assert (weights.sum(1) == 20).all()
    assert weights.max() > 1
    assert np.array_equal(weights, people_weights(20, 0, draws=50))
    assert not np.array_equal(weights, people_weights(20, 1, draws=50))


def test_one_person_gives_no_interval() -> None:
    told = interval(0.5, share(np.array([True, False]), np.zeros(2, int), people_weights(1, 0)))
    assert told["value"] == 0.5
    assert np.isnan([told["low"], told["high"]]).all()


def test_a_share_by_hand() -> None:
    hit, person = np.array([True, False, True]), np.array([0, 0, 1])
    weights = np.array([[2, 0], [0, 2], [1, 1]])
    assert share(hit, person, weights) == pytest.approx([0.5, 1.0, 2 / 3])


def test_the_width_is_that_of_the_binomial_with_one_picture_a_person() -> None:
    rng = np.random.default_rng(0)
    hit = rng.random(400) < 0.9
    told = interval(hit.mean(), share(hit, np.arange(400), people_weights(400, 0)))
    half = 1.96 * np.sqrt(hit.mean() * (1 - hit.mean()) / 400)
    assert told["high"] - told["low"] == pytest.approx(2 * half, rel=0.1)
    assert told["low"] < told["value"] < told["high"]


def test_pictures_of_one_person_are_no_independent_draws() -> None:
    """Four alike pictures a person: the interval is that of the people, twice as wide as that of pictures."""
    rng = np.random.default_rng(1)
    hit = np.repeat(rng.random(100) < 0.8, 4)
    by_person = interval(hit.mean(), share(hit, np.repeat(np.arange(100), 4), people_weights(100, 0)))
    by_picture = interval(hit.mean(), share(hit, np.arange(400), people_weights(400, 0)))
    widths = [told["high"] - told["low"] for told in (by_person, by_picture)]
    assert widths[0] / widths[1] == pytest.approx(2, rel=0.15)


def test_undefined_resamplings_are_left_out_up_to_half() -> None:
    assert interval(0.5, np.array([0.4, np.nan, 0.6]))["low"] == pytest.approx(0.405)
    assert np.isnan(interval(0.5, np.array([0.4, np.nan, np.nan]))["low"])
    assert np.isnan(interval(float("nan"), np.array([0.4, 0.5]))["low"])
