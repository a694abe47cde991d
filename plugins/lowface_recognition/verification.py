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
    roc = Roc(scores.score[same], scores.score[~same])
    curve = roc.curve()
    impostors = int((~same).sum())
    enough = [far for far in FARS if impostors >= round(FEWEST / far)]
    draws: dict[str, list[float]] = {name: [] for name in ("accuracy", "undetected", "auc", "eer", *map(str, enough))}
    for row in weights:
        weight = pair_weights(row, same, people)
        draws["accuracy"].append(_mean(scores.accuracy.right, weight))
        draws["undetected"].append(_mean(~scores.found, weight))
        drawn = roc.curve(weight[same], weight[~same])
        draws["auc"].append(drawn.auc())
        draws["eer"].append(drawn.eer())
        for far in enough:
            draws[str(far)].append(drawn.tar_at(far))
    told = scores.accuracy
    tar = []
    for far in FARS:
        number = interval(curve.tar_at(far), np.array(draws[str(far)])) if far in enough else None
        note = None if far in enough else f"too few impostor pairs ({impostors}; {round(FEWEST / far)} needed)"
        tar.append({"far": far, "tar": number, "note": note})
    x, y = curve.points()
    return {
        "accuracy": {**interval(told.mean, np.array(draws["accuracy"])), "std": told.std},
        "auc": interval(curve.auc(), np.array(draws["auc"])),
        "eer": interval(curve.eer(), np.array(draws["eer"])),
        "tar": tar,
        "roc": {"far": x, "tar": y},
        "undetected": interval(float((~scores.found).mean()), np.array(draws["undetected"])),
        "folds": [
            {"threshold": threshold, "accuracy": each}
            for threshold, each in zip(told.thresholds, told.each, strict=True)
        ],
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
