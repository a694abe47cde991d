"""Accuracy over folds."""

from __future__ import annotations

import numpy as np
import pytest

from lowface_recognition.folds import best_threshold, fold_accuracy

LOST = -np.inf


def ten_folds(genuine: float = 0.8, impostor: float = 0.2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ten folds of two genuine and two impostor pairs."""
    same = np.tile([True, True, False, False], 10)
    return np.where(same, genuine, impostor), same, np.repeat(np.arange(10), 4)


def test_separable_scores() -> None:
    score, same, fold = ten_folds()
    told = fold_accuracy(score, same, fold, np.ones(40, bool))
    assert (told.mean, told.std) == (1.0, 0.0)
    assert told.thresholds == pytest.approx([0.5] * 10)
    assert told.right.all()


def test_the_threshold_comes_from_the_other_folds() -> None:
    """A fold whose scores lie elsewhere is judged by what was learnt without it: all its pairs are accepted."""
    score, same, fold = ten_folds()
    score[fold == 3] += 1.0
    told = fold_accuracy(score, same, fold, np.ones(40, bool))
    assert told.each == [1.0, 1.0, 1.0, 0.5, *[1.0] * 6]
    assert told.mean == pytest.approx(0.95)
    assert told.std == pytest.approx(np.std(told.each, ddof=1))
    assert told.right[fold == 3].tolist() == [True, True, False, False]


def test_an_undetected_face_is_a_wrong_answer_in_both_kinds_of_pair() -> None:
    score, same, fold = ten_folds()
    found = np.ones(40, bool)
    found[[0, 2]] = False  # a genuine and an impostor pair of the first fold
    score[~found] = LOST
    told = fold_accuracy(score, same, fold, found)
    assert told.each == [0.5, *[1.0] * 9]
    assert told.right.sum() == 38
    assert told.thresholds == pytest.approx([0.5] * 10)  # no part in choosing one


def test_nothing_detected() -> None:
    score, same, fold = ten_folds()
    assert fold_accuracy(score + LOST, same, fold, np.zeros(40, bool)).mean == 0.0


def test_all_scores_equal_are_right_half_the_time() -> None:
    _, same, fold = ten_folds()
    assert fold_accuracy(np.zeros(40), same, fold, np.ones(40, bool)).mean == 0.5


def test_one_fold_gives_no_number() -> None:
    told = fold_accuracy(np.array([0.1, 0.9]), np.array([False, True]), np.zeros(2, int), np.ones(2, bool))
    assert np.isnan(told.mean)
    assert np.isnan(told.std)
    assert not told.right.any()


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
