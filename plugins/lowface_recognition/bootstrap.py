"""Confidence intervals by resampling people: pictures of one person resemble each other and are not independent draws.

Percentile bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, ch. 13). People are drawn with
replacement; a person drawn twice counts twice. A pair of two people weighs the product of their counts (Snijders and
Borgatti, Connections 22, 1999).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lowface_core.data.keyed_rng import keyed_rng

#: Resamplings behind an interval, and the share of them inside it.
DRAWS, LEVEL = 1000, 0.95
#: Fewest errors that a rate is estimated from: with fewer chances than this divided by the rate, none is given.
FEWEST = 10


def people_weights(people: int, seed: int, draws: int = DRAWS) -> np.ndarray:
    """(draws,people) int: how often each person is drawn in each resampling; rows sum to ``people``.

    No rows for fewer than two people: resampling one person would pretend to be certain.
    """
    if people < 2:
        return np.zeros((0, people), dtype=np.int64)
    return keyed_rng(1, seed).multinomial(people, np.full(people, 1 / people), size=draws)


def interval(value: float, draws: np.ndarray) -> dict[str, Any]:
    """``{"value", "low", "high"}``: a number with the middle 95 % of what the resamplings gave.

    Resamplings in which the number is undefined (no pair of a kind was drawn) are left out. ``low`` and ``high`` are
    NaN where fewer than half define it.
    """
    draws = np.asarray(draws, np.float64)
    defined = draws[np.isfinite(draws)]
    if not np.isfinite(value) or len(defined) < max(len(draws) / 2, 1):
        return {"value": float(value), "low": float("nan"), "high": float("nan")}
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return {"value": float(value), "low": float(low), "high": float(high)}


def share(hit: np.ndarray, person: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Share of pictures with ``hit`` (P,) bool in each resampling; of numbers their mean.

    ``person`` (P,) is the index of each picture's person, ``weights`` (draws,people) is from :func:`people_weights`.
    """
    people = weights.shape[1]
    hits = np.bincount(person, np.asarray(hit, np.float64), people)
    count = np.bincount(person, minlength=people)
    with np.errstate(invalid="ignore"):
        return (weights @ hits) / (weights @ count)


def too_few(rate: float, count: int, what: str) -> str | None:
    """Says that a rate of errors cannot be estimated from so many chances to err; None where it can."""
    needed = round(FEWEST / rate)
    return f"too few {what} ({count}; {needed} needed)" if count < needed else None
