"""From similarities of pairs to the figures of a verification, by LFW's protocol.

Accuracy on each of ten folds with the threshold that is best on the nine others: Huang et al., "Labeled Faces in the
Wild", Technical Report 07-49, University of Massachusetts, 2007.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lowface_core.evaluation.paired import bootstrap_p
from lowface_recognition.bootstrap import interval, too_few
from lowface_recognition.roc import Roc

FARS = (1e-1, 1e-2, 1e-3, 1e-4)


@dataclass
class Scores:
    """Pairs of one stage, and what the folds gave.

    Attributes:
        score: (N,) cosine similarity; −∞ where one of the two pictures showed no face.
        found: (N,) bool, whether both showed one.
        right: (N,) bool, whether each pair was answered rightly by the threshold of its fold.
        thresholds: of each fold, in the order of their numbers.
        each: accuracy of each fold.
    """

    score: np.ndarray
    found: np.ndarray
    right: np.ndarray
    thresholds: list[float]
    each: list[float]

    @property
    def mean(self) -> float:
        """Mean accuracy over the folds; NaN without two folds."""
        return float(np.mean(self.each)) if self.each else float("nan")

    @property
    def std(self) -> float:
        """Standard deviation over the folds (n − 1); LFW's standard error is this divided by √folds."""
        return float(np.std(self.each, ddof=1)) if len(self.each) > 1 else float("nan")


def scores_of(similarity: np.ndarray, found: np.ndarray, same: np.ndarray, fold: np.ndarray) -> Scores:
    """Scores of pairs, and accuracy fold by fold.

    Args:
        similarity: (N,) cosine; "same person" is answered when it reaches the threshold.
        found: (N,) bool, whether both pictures showed a face. A pair without is a wrong answer at every threshold,
            whatever its truth, and has no part in choosing one.
        same: (N,) bool, the truth.
        fold: (N,) int, which fold each pair belongs to.

    Returns:
        no folds, and nothing right, when there are fewer than two.
    """
    score = np.where(found, similarity, -np.inf)
    right, thresholds, each = np.zeros(len(score), dtype=bool), [], []
    numbers = np.unique(fold)
    for number in numbers if len(numbers) > 1 else ():
        test = fold == number
        learn = ~test & found
        threshold = best_threshold(score[learn], same[learn])
        right[test] = found[test] & ((score[test] >= threshold) == same[test])
        thresholds.append(threshold)
        each.append(float(right[test].mean()))
    return Scores(score, found, right, thresholds, each)


def best_threshold(score: np.ndarray, same: np.ndarray) -> float:
    """The threshold with most right answers, half way between two neighbouring scores; of equally good ones the lowest.

    Without scores, 0.
    """
    if not len(score):
        return 0.0
    values, place = np.unique(score, return_inverse=True)
    gained = np.bincount(place, np.where(same, -1.0, 1.0), len(values)).cumsum()  # by rising past each value
    middle = (values[1:] + values[:-1]) / 2
    candidates = np.concatenate([[values[0] - 1e-3], middle, [values[-1] + 1e-3]])
    return float(candidates[np.argmax(np.concatenate([[0.0], gained]))])


def figures(
    scores: Scores,
    same: np.ndarray,
    people: tuple[np.ndarray, np.ndarray],
    weights: np.ndarray,
    fars: Sequence[float] = FARS,
    repeats: int = 1,
) -> dict[str, Any]:
    """The figures of one stage, with intervals, as a result holds them.

    The accuracy's interval keeps the folds' thresholds and is that of the share of right answers over all pairs.

    Args:
        people: (N,) each, index of the person on the first and the second picture of a pair.
        weights: (draws,people) from :func:`lowface_recognition.bootstrap.people_weights`.
        fars: false accept rates at which the true accept rate is given, where the pairs are enough.
        repeats: how often each pair is among them; repetitions make no pair more to rest a rate on.
    """
    roc = Roc(scores.score[same], scores.score[~same])
    curve = roc.curve()
    notes = {far: too_few(far, int((~same).sum()) // repeats, "impostor pairs") for far in fars}
    draws: list[dict[Any, float]] = []
    for row in weights:
        weight = pair_weights(row, same, people)
        drawn = roc.curve(weight[same], weight[~same])
        shares = {"accuracy": _mean(scores.right, weight), "undetected": _mean(~scores.found, weight)}
        rates = {far: drawn.tar_at(far) for far, note in notes.items() if note is None}
        draws.append({**shares, "auc": drawn.auc(), "eer": drawn.eer(), **rates})

    def spanned(value: float, name: Any) -> dict[str, Any]:
        return interval(value, np.array([draw[name] for draw in draws]))

    tar = [
        {"far": far, "tar": None if note else spanned(curve.tar_at(far), far), "note": note}
        for far, note in notes.items()
    ]
    x, y = curve.points()
    folds = zip(scores.thresholds, scores.each, strict=True)
    return {
        "accuracy": {**spanned(scores.mean, "accuracy"), "std": scores.std},
        "auc": spanned(curve.auc(), "auc"),
        "eer": spanned(curve.eer(), "eer"),
        "tar": tar,
        "roc": {"far": x, "tar": y},
        "undetected": spanned(float((~scores.found).mean()), "undetected"),
        "folds": [{"threshold": threshold, "accuracy": each} for threshold, each in folds],
    }


def change(
    before: Scores, after: Scores, same: np.ndarray, people: tuple[np.ndarray, np.ndarray], weights: np.ndarray
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """By how much the accuracy differs between two stages, and whether by chance.

    One resampling serves both stages, as the pairs are the same: a paired bootstrap over people, whose p-value is two-
    sided.
    """
    difference = after.right.astype(float) - before.right
    draws = np.array([_mean(difference, pair_weights(row, same, people)) for row in weights])
    p = bootstrap_p(draws[np.isfinite(draws)])
    return {"accuracy": interval(after.mean - before.mean, draws)}, [{"of": "accuracy", "test": "bootstrap", "p": p}]


def pair_weights(row: np.ndarray, same: np.ndarray, people: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Weight of each pair when people are drawn: the person's count, the product of the two people's counts."""
    first, second = row[people[0]], row[people[1]]
    return np.where(same, first, first * second).astype(np.float64)


def _mean(value: np.ndarray, weight: np.ndarray) -> float:
    total = weight.sum()
    return float((weight * value).sum() / total) if total > 0 else float("nan")
