"""From similarities of pairs to the figures of a verification."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lowface_recognition.bootstrap import interval
from lowface_recognition.folds import FoldAccuracy, fold_accuracy
from lowface_recognition.roc import Roc

FARS = (1e-1, 1e-2, 1e-3, 1e-4)
#: Fewest false accepts that a rate is estimated from.
FEWEST = 10


@dataclass
class Scores:
    """Pairs of one stage.

    Attributes:
        score: (N,) cosine similarity; −∞ where one of the two pictures showed no face.
        found: (N,) bool, whether both showed one.
        accuracy: what the folds gave.
    """

    score: np.ndarray
    found: np.ndarray
    accuracy: FoldAccuracy


def scores_of(similarity: np.ndarray, found: np.ndarray, same: np.ndarray, fold: np.ndarray) -> Scores:
    """Scores of pairs.

    Args:
        similarity: (N,) cosine.
        found: (N,) bool, whether both pictures showed a face.
        same, fold: (N,); folds are numbered from 0.
    """
    score = np.where(found, similarity, -np.inf)
    return Scores(score, found, fold_accuracy(score, same, fold, found))


def figures(
    scores: Scores, same: np.ndarray, people: tuple[np.ndarray, np.ndarray], weights: np.ndarray
) -> dict[str, Any]:
    """The figures of one stage, with intervals, as a result holds them.

    The accuracy's interval keeps the folds' thresholds and is that of the share of right answers over all pairs.

    Args:
        people: (N,) each, index of the person on the first and the second picture of a pair.
        weights: (draws,people) from :func:`lowface_recognition.bootstrap.people_weights`.
    """
    roc, accuracy = Roc(scores.score[same], scores.score[~same]), scores.accuracy
    curve, impostors = roc.curve(), int((~same).sum())
    needed = {far: round(FEWEST / far) for far in FARS}

    def resampled(row: np.ndarray) -> dict[Any, float]:
        weight = pair_weights(row, same, people)
        drawn = roc.curve(weight[same], weight[~same])
        shares = {"accuracy": _mean(accuracy.right, weight), "undetected": _mean(~scores.found, weight)}
        rates = {far: drawn.tar_at(far) for far in FARS if impostors >= needed[far]}
        return {**shares, "auc": drawn.auc(), "eer": drawn.eer(), **rates}

    draws = [resampled(row) for row in weights]

    def spanned(value: float, name: Any) -> dict[str, Any]:
        return interval(value, np.array([draw[name] for draw in draws]))

    tar = []
    for far, least in needed.items():
        entry = {"far": far, "tar": None, "note": f"too few impostor pairs ({impostors}; {least} needed)"}
        tar.append(entry if impostors < least else {"far": far, "tar": spanned(curve.tar_at(far), far), "note": None})
    x, y = curve.points()
    folds = zip(accuracy.thresholds, accuracy.each, strict=True)
    return {
        "accuracy": {**spanned(accuracy.mean, "accuracy"), "std": accuracy.std},
        "auc": spanned(curve.auc(), "auc"),
        "eer": spanned(curve.eer(), "eer"),
        "tar": tar,
        "roc": {"far": x, "tar": y},
        "undetected": spanned(float((~scores.found).mean()), "undetected"),
        "folds": [{"threshold": threshold, "accuracy": each} for threshold, each in folds],
    }


def change(
    before: Scores,
    after: Scores,
    same: np.ndarray,
    people: tuple[np.ndarray, np.ndarray],
    weights: np.ndarray,
) -> dict[str, Any]:
    """By how much the accuracy differs between two stages; one resampling serves both, as the pairs are the same."""
    difference = after.accuracy.right.astype(float) - before.accuracy.right.astype(float)
    draws = [_mean(difference, pair_weights(row, same, people)) for row in weights]
    return {"accuracy": interval(after.accuracy.mean - before.accuracy.mean, np.array(draws))}


def pair_weights(row: np.ndarray, same: np.ndarray, people: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Weight of each pair when people are drawn: the person's count, the product of the two people's counts."""
    first, second = row[people[0]], row[people[1]]
    return np.where(same, first, first * second).astype(np.float64)


def _mean(value: np.ndarray, weight: np.ndarray) -> float:
    total = weight.sum()
    return float((weight * value).sum() / total) if total > 0 else float("nan")
