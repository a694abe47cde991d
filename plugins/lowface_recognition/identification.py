"""From embeddings to the figures of an identification: searching probes stage by stage, and the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lowface_core.evaluation.paired import mcnemar_p
from lowface_recognition.bootstrap import interval, people_weights, share, too_few
from lowface_recognition.encoding import Encoded
from lowface_recognition.ranking import at_rank, best_per_person, cmc, ranks, tpir_at

RANKS, LONGEST_CMC = (1, 5, 10), 50
FPIRS = (0.1, 0.01)
#: Probes compared with the gallery at once.
ROWS = 512


@dataclass
class Matches:
    """What one stage's probes were taken for.

    Attributes:
        found: (P,) whether a face was found.
        rank: (P,) rank of the right person, :data:`lowface_recognition.ranking.NEVER` for none.
        best: (P,) index of the most similar person.
        similarity: (P,) to that person; −∞ without a face.
        own: (P,) similarity to the right person; −∞ without a face in either picture.
        first_known: (P,) whether the right person comes first among those enrolled in the open-set test.
        top_known: (P,) highest similarity to one of those.
    """

    found: np.ndarray
    rank: np.ndarray
    best: np.ndarray
    similarity: np.ndarray
    own: np.ndarray
    first_known: np.ndarray
    top_known: np.ndarray


def search(probes: Encoded, person: np.ndarray, gallery: Encoded, enrolled: np.ndarray, known: np.ndarray) -> Matches:
    """Compares one stage's probes with the gallery, :data:`ROWS` at a time.

    Args:
        person, enrolled: (P,) and (G,) person of each probe and of each picture of the gallery.
        known: (people,) bool, who is enrolled in the open-set test.
    """
    parts = []
    for start in range(0, len(person), ROWS):
        rows = slice(start, start + ROWS)
        own, found = person[rows], probes.found[rows]
        similarity = probes.embedding[rows].astype(np.float64) @ gallery.embedding.astype(np.float64).T
        similarity[:, ~gallery.found] = -np.inf
        scores = best_per_person(similarity, enrolled, len(known))
        among = np.where(known, scores, -np.inf)
        right = np.take_along_axis(scores, own[:, None], 1)[:, 0]
        top, right, top_known = (np.where(found, x, -np.inf) for x in (scores.max(1), right, among.max(1)))
        first_known = known[own] & (ranks(among, own, found) == 1)
        parts.append((found, ranks(scores, own, found), scores.argmax(1), top, right, first_known, top_known))
    return Matches(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def figures(matches: Matches, person: np.ndarray, known: np.ndarray, seed: int, repeats: int = 1) -> dict[str, Any]:
    """The figures of one stage, with intervals, as a result holds them.

    Args:
        person: (P,) the right person of each probe.
        known: (people,) bool, who is enrolled in the open-set test.
        seed: of the resampling.
        repeats: how often each picture is among the probes; repetitions make no picture more to rest a rate on.
    """
    among, weights = _weights(person, seed)
    mated = known[person]
    right, score, alarms = matches.first_known[mated], matches.own[mated], matches.top_known[~mated]

    def open_set(fpir: float) -> dict[str, Any]:
        note = too_few(fpir, len(alarms) // repeats, "non-mated probes") if len(right) else "no mated probes"
        if note is not None:
            return {"fpir": fpir, "tpir": None, "note": note}
        drawn = [tpir_at(right, score, alarms, fpir, each[mated], each[~mated]) for each in weights[:, among]]
        return {"fpir": fpir, "tpir": interval(tpir_at(right, score, alarms, fpir), np.array(drawn)), "note": None}

    shares = {name: interval(hit.mean(), share(hit, among, weights)) for name, hit in hits(matches).items()}
    curve = cmc(matches.rank, min(LONGEST_CMC, len(known)))
    return {**shares, "cmc": curve, "open_set": [open_set(fpir) for fpir in FPIRS]}


def change(before: Matches, after: Matches, person: np.ndarray, seed: int) -> dict[str, Any]:
    """By how much each share differs between two stages; one resampling serves both, as the pictures are the same."""
    among, weights = _weights(person, seed)
    earlier = hits(before)
    differences = {name: hit.astype(float) - earlier[name] for name, hit in hits(after).items()}
    return {name: interval(each.mean(), share(each, among, weights)) for name, each in differences.items()}


def paired_test(before: Matches, after: Matches, pictures: int) -> dict[str, Any]:
    """McNemar's exact test of the first ``pictures`` probes at rank 1, two stages of which are compared.

    Repetitions of a picture, which follow, are no pictures more and are left out.
    """
    first, second = (at_rank(each.rank, 1)[:pictures] for each in (after, before))
    return {"of": "rank1", "test": "mcnemar", "p": mcnemar_p(first, second)}


def hits(matches: Matches) -> dict[str, np.ndarray]:
    """Yes or no for every probe: recognised at each rank, undetected."""
    return {**{f"rank{k}": at_rank(matches.rank, k) for k in RANKS}, "undetected": ~matches.found}


def _weights(person: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Number of each probe's person among those who have probes, and resamplings of these."""
    people, among = np.unique(person, return_inverse=True)
    return among, people_weights(len(people), seed)


def line(matches: Mapping[str, Matches], index: int, key: str, person: str, people: Sequence[str]) -> dict[str, Any]:
    """A probe's line in ``pictures.jsonl``: per stage, what it was taken for."""
    out: dict[str, Any] = {"key": key, "identity": person}
    for stage, v in matches.items():
        seen = bool(v.found[index]) and np.isfinite(v.similarity[index])
        out[stage] = {
            "rank": int(v.rank[index]) or None,
            "found": bool(v.found[index]),
            "best": people[int(v.best[index])] if seen else None,
            "similarity": float(v.similarity[index]) if seen else None,
        }
    return out
