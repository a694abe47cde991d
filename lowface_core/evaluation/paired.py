"""Comparing two methods on the same pictures: paired bootstrap, McNemar's test, Holm's correction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lowface_core.data.keyed_rng import keyed_rng

#: Resamplings behind an interval and a p-value, and the share of them inside the interval.
DRAWS, LEVEL = 10_000, 0.95
#: Weights of resamplings held at once, at most.
ROOM = 4_000_000


@dataclass(frozen=True)
class Comparison:
    """A method against another.

    Attributes:
        difference: mean of the method's numbers minus the mean of the other's.
        low, high: 95 % interval of the difference, by paired bootstrap; NaN where there is a single unit.
        p: two-sided p-value of no difference.
        test: ``mcnemar`` or ``bootstrap``.
    """

    difference: float
    low: float
    high: float
    p: float
    test: str


def resampled_means(values: np.ndarray, groups: Sequence[object] | None, seed: int, draws: int = DRAWS) -> np.ndarray:
    """Means of columns in resamplings; one resampling serves all columns, so that they stay paired.

    Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.

    Args:
        values: (N,K) numbers of N pictures.
        groups: what is drawn with replacement, by picture, such as the person it shows; None: the pictures themselves.
        seed: of the draws.

    Returns:
        (draws,K); no rows for fewer than two groups, for resampling one would pretend to be certain.
    """
    values = np.asarray(values, np.float64)
    unit = np.unique(list(map(str, groups)), return_inverse=True)[1] if groups is not None else np.arange(len(values))
    units = int(unit.max(initial=-1)) + 1
    if units < 2:
        return np.zeros((0, values.shape[1]))
    sums = np.zeros((units, values.shape[1]))
    np.add.at(sums, unit, values)
    counts = np.bincount(unit, minlength=units)
    rng, step = keyed_rng(2, seed), max(ROOM // units, 1)
    parts = []
    for start in range(0, draws, step):
        weights = rng.multinomial(units, np.full(units, 1 / units), size=min(step, draws - start))
        parts.append((weights @ sums) / (weights @ counts)[:, None])
    return np.concatenate(parts)


def bounds(draws: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of resampled numbers (percentile bootstrap); NaN without any."""
    if not len(draws):
        return math.nan, math.nan
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def bootstrap_p(draws: np.ndarray) -> float:
    """Two-sided p-value of no difference from resampled differences, at least 2 / (draws + 1); NaN without any."""
    if not len(draws):
        return math.nan
    tail = min(int((draws <= 0).sum()), int((draws >= 0).sum()))
    return min(1.0, 2 * (tail + 1) / (len(draws) + 1))


def mcnemar_p(first: np.ndarray, second: np.ndarray) -> float:
    """Two-sided p-value of McNemar's exact test: of the pictures on which two methods differ, each is right on half.

    McNemar, Psychometrika 12 (1947); the exact binomial form, without continuity correction. 1 where they never differ.

    Args:
        first, second: (N,) bool, whether each method is right.
    """
    first, second = np.asarray(first, bool), np.asarray(second, bool)
    gained, lost = int((first & ~second).sum()), int((second & ~first).sum())
    count = gained + lost
    tail = sum(math.comb(count, k) for k in range(min(gained, lost) + 1))
    return min(1.0, (2 * tail) / 2**count)


def compare(values: np.ndarray, others: np.ndarray, draws: np.ndarray) -> Comparison:
    """A method's numbers against another's on the same pictures; McNemar's test where all are right or wrong.

    Args:
        values, others: (N,) each.
        draws: resampled differences of their means, see :func:`resampled_means`.
    """
    low, high = bounds(draws)
    binary = all(np.isin(each, (0.0, 1.0)).all() for each in (values, others))
    p = mcnemar_p(values == 1, others == 1) if binary else bootstrap_p(draws)
    return Comparison(float(values.mean() - others.mean()), low, high, p, "mcnemar" if binary else "bootstrap")


def holm(p: Sequence[float]) -> list[float]:
    """P-values corrected for their number (Holm, Scandinavian Journal of Statistics 6, 1979); NaN is no test."""
    order = sorted((value, place) for place, value in enumerate(p) if not math.isnan(value))
    corrected, largest = [math.nan] * len(p), 0.0
    for rank, (value, place) in enumerate(order):
        largest = max(largest, min(1.0, value * (len(order) - rank)))
        corrected[place] = largest
    return corrected
