"""Open-set identification: probes of enrolled people are to be named, probes of strangers to be turned away.

Grother, Ngan and Hanaoka, "Face Recognition Vendor Test part 2: identification", NISTIR 8271 (2019): the true-positive
identification rate (right person at rank 1 and above the threshold) at a false-positive identification rate (share of
strangers for whom anybody is above the threshold).
"""

from __future__ import annotations

import numpy as np

from lowface_core.data.keyed_rng import keyed_rng


def split_people(people: int, seed: int) -> np.ndarray:
    """(people,) bool: who is enrolled. Half of the people, the larger half when odd, drawn with ``seed``."""
    known = np.zeros(people, dtype=bool)
    known[keyed_rng(2, seed).permutation(people)[: (people + 1) // 2]] = True
    return known


def threshold_at(strangers: np.ndarray, fpir: float, weight: np.ndarray | None = None) -> float:
    """The score that a search must exceed so that at most ``fpir`` of the strangers raise an alarm.

    Args:
        strangers: (N,) highest score of each stranger's search; −∞ where the probe showed no face.
        fpir: highest share of strangers with an alarm.
        weight: (N,) of each stranger, all 1 by default.

    Returns:
        one of the strangers' scores: exceeding it, rather than reaching it, keeps ties on the safe side.
    """
    order = np.argsort(-strangers, kind="stable")
    weight = np.ones(len(strangers)) if weight is None else np.asarray(weight, np.float64)
    taken = weight[order].cumsum()
    if not len(taken) or taken[-1] <= 0:
        return float("nan")
    too_many = taken > fpir * taken[-1] * (1 + 1e-9)
    return float(strangers[order][np.argmax(too_many)]) if too_many.any() else float("-inf")


def tpir_at(
    right: np.ndarray,
    score: np.ndarray,
    strangers: np.ndarray,
    fpir: float,
    weight: np.ndarray | None = None,
    strangers_weight: np.ndarray | None = None,
) -> float:
    """True-positive identification rate at a false-positive identification rate.

    Args:
        right: (M,) bool, whether the right person comes first for each probe of an enrolled person; False where no face
            was found, and on ties.
        score: (M,) similarity to that person.
        strangers, fpir, strangers_weight: see :func:`threshold_at`.
        weight: (M,) of each probe, all 1 by default.

    Returns:
        NaN without probes of either kind.
    """
    weight = np.ones(len(right)) if weight is None else np.asarray(weight, np.float64)
    threshold = threshold_at(strangers, fpir, strangers_weight)
    if np.isnan(threshold) or weight.sum() <= 0:
        return float("nan")
    return float(weight[right & (score > threshold)].sum() / weight.sum())
