"""Closed-set identification: at which rank each probe's own person comes, and the cumulative match characteristic.

Grother and Phillips, "Models of large population recognition performance", CVPR 2004. Ties count against the probe: of
persons with equal similarity the right one is put last, so that scores which say nothing earn nothing.
"""

from __future__ import annotations

import numpy as np

#: Rank of a probe that can be matched at no rank: it, or its person's gallery picture, showed no face.
NEVER = 0


def best_per_person(similarity: np.ndarray, person: np.ndarray, people: int) -> np.ndarray:
    """Similarity to each person: the highest over that person's gallery pictures.

    Args:
        similarity: (P,G) of probes to gallery pictures; −∞ in the column of a picture without a face.
        person: (G,) index of each gallery picture's person.
        people: how many persons there are.

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
    if not len(rank):
        return [float("nan")] * most
    return [float(at_rank(rank, k).mean()) for k in range(1, most + 1)]
