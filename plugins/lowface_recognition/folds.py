"""LFW's protocol: accuracy on each of ten folds with the threshold that is best on the nine others.

Huang et al., "Labeled Faces in the Wild", Technical Report 07-49, University of Massachusetts, 2007.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass
class FoldAccuracy:
    """What the folds gave.

    Attributes:
        right: (N,) bool, whether each pair was answered rightly by the threshold of its fold.
        thresholds: of each fold, in the order of their numbers.
        each: accuracy of each fold.
    """

    right: np.ndarray
    thresholds: list[float]
    each: list[float]

    @property
    def mean(self) -> float:
        """Mean over the folds; NaN without two folds."""
        return float(np.mean(self.each)) if self.each else float("nan")

    @property
    def std(self) -> float:
        """Standard deviation over the folds (n − 1); LFW's standard error is this divided by √folds."""
        return float(np.std(self.each, ddof=1)) if len(self.each) > 1 else float("nan")


def fold_accuracy(score: np.ndarray, same: np.ndarray, fold: np.ndarray, found: np.ndarray) -> FoldAccuracy:
    """Accuracy fold by fold.

    Args:
        score: (N,) of pairs; "same person" is answered when it reaches the threshold.
        same: (N,) bool, the truth.
        fold: (N,) int, which fold each pair belongs to.
        found: (N,) bool, whether both pictures showed a face. A pair without is a wrong answer at every threshold,
            whatever its truth, and has no part in choosing one.

    Returns:
        no folds, and nothing right, when there are fewer than two.
    """
    right, thresholds, each = np.zeros(len(score), dtype=bool), [], []
    numbers = np.unique(fold)
    for number in numbers if len(numbers) > 1 else ():
        test = fold == number
        learn = ~test & found
        threshold = best_threshold(score[learn], same[learn])
        right[test] = found[test] & ((score[test] >= threshold) == same[test])
        thresholds.append(threshold)
        each.append(float(right[test].mean()))
    return FoldAccuracy(right, thresholds, each)


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
