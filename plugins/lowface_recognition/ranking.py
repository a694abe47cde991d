"""Ranks of probes in closed-set identification, and rates of open-set identification.

Closed set: at which rank each probe's own person comes, and the cumulative match characteristic (Grother and Phillips,
"Models of large population recognition performance", CVPR 2004). Ties count against the probe: of persons with equal
similarity the right one is put last, so that scores which say nothing earn nothing.

Open set: probes of enrolled people are to be named, probes of strangers to be turned away. Grother, Ngan and Hanaoka,
"Face Recognition Vendor Test part 2: identification", NISTIR 8271 (2019): the true-positive identification rate (right
person at rank 1 and above the threshold) at a false-positive identification rate (share of strangers for whom anybody
is above the threshold).
"""

from __future__ import annotations

import numpy as np

from lowface_core.data.keyed_rng import keyed_rng

#: Rank of a probe that can be matched at no rank: it, or its person's gallery picture, showed no face.
NEVER = 0


def best_per_person(similarity: np.ndarray, person: np.ndarray, people: int) -> np.ndarray:
    """Similarity to each person: the highest over that person's gallery pictures.

    Args:
        similarity: (P,G) of probes to gallery pictures; −∞ in the column of a picture without a face.
        person: (G,) index of each gallery picture's person, of ``people`` in all.

    Returns:
        (P,people) float64, −∞ for a person of whom no picture shows a face.
    """
    best = np.full((len(similarity), people), -np.inf)
    np.maximum.at(best.T, person, np.asarray(similarity, dtype=np.float64).T)
    return best


def ranks(similarity: np.ndarray, own: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Rank of each probe's own person: 1 + the number of others at least as similar.

    Args:
        similarity: (P,people); −∞ for a person who cannot be matched.
        own: (P,) index of the right person.
        found: (P,) bool, whether the probe showed a face.

    Returns:
        (P,) int64; :data:`NEVER` for a probe without a face or of a person who cannot be matched.
    """
    right = np.take_along_axis(similarity, own[:, None], axis=1)
    place = (similarity >= right).sum(1)  # counts the right one itself, which makes it 1-based
    return np.where(found & np.isfinite(right[:, 0]), place, NEVER).astype(np.int64)


def at_rank(rank: np.ndarray, k: int) -> np.ndarray:
    """(P,) bool: whether the right person is among the k most similar."""
    return (rank != NEVER) & (rank <= k)


def cmc(rank: np.ndarray, most: int) -> list[float]:
    """Share of probes recognised at ranks 1, 2, … ``most``; NaN without probes."""
    return [float(at_rank(rank, k).mean()) if len(rank) else float("nan") for k in range(1, most + 1)]


def split_people(people: int, seed: int) -> np.ndarray:
    """(people,) bool: who is enrolled. Half of the people, the larger half when odd, drawn with ``seed``."""
    known = np.zeros(people, dtype=bool)
    known[keyed_rng(2, seed).permutation(people)[: (people + 1) // 2]] = True
    return known


def threshold_at(strangers: np.ndarray, fpir: float, weight: np.ndarray | float = 1.0) -> float:
    """The score that a search must exceed so that at most ``fpir`` of the strangers raise an alarm.

    Args:
        strangers: (N,) highest score of each stranger's search; −∞ where the probe showed no face.
        fpir: highest share of strangers with an alarm.
        weight: (N,) of each stranger, or one for all.

    Returns:
        one of the strangers' scores: exceeding it, rather than reaching it, keeps ties on the safe side.
    """
    order = np.argsort(-strangers, kind="stable")
    taken = np.broadcast_to(weight, strangers.shape)[order].cumsum(dtype=np.float64)
    if not len(taken) or taken[-1] <= 0:
        return float("nan")
    too_many = taken > fpir * taken[-1] * (1 + 1e-9)
    return float(strangers[order][np.argmax(too_many)]) if too_many.any() else float("-inf")


def tpir_at(
    right: np.ndarray,
    score: np.ndarray,
    strangers: np.ndarray,
    fpir: float,
    weight: np.ndarray | float = 1.0,
    strangers_weight: np.ndarray | float = 1.0,
) -> float:
    """True-positive identification rate at a false-positive identification rate.

    Args:
        right: (M,) bool, whether the right person comes first for each probe of an enrolled person; False where no face
            was found, and on ties.
        score: (M,) similarity to that person.
        strangers, fpir, strangers_weight: see :func:`threshold_at`.
        weight: (M,) of each probe, or one for all.

    Returns:
        NaN without probes of either kind.
    """
    weight = np.broadcast_to(weight, right.shape)
    threshold = threshold_at(strangers, fpir, strangers_weight)
    if np.isnan(threshold) or weight.sum() <= 0:
        return float("nan")
    return float(weight[right & (score > threshold)].sum() / weight.sum())
