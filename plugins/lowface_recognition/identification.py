"""From embeddings to the figures of an identification: searching probes stage by stage, and the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lowface_recognition.bootstrap import interval, people_weights, resampled, share
from lowface_recognition.cmc import at_rank, best_per_person, cmc, ranks
from lowface_recognition.encoding import Encoded
from lowface_recognition.open_set import tpir_at

RANKS, LONGEST_CMC = (1, 5, 10), 50
FPIRS = (0.1, 0.01)
#: Fewest false alarms that a rate is estimated from: with fewer strangers than this divided by the rate, none is given.
FEWEST = 10
#: Probes compared with the gallery at once.
ROWS = 512


@dataclass
class Gallery:
    """Encoded gallery.

    Attributes:
        people: names, sorted; columns of similarities.
        person: (G,) index into ``people`` of each picture.
        embedding, found: (G,D), (G,) of the pictures.
    """

    people: list[str]
    person: np.ndarray
    embedding: np.ndarray
    found: np.ndarray


@dataclass
class Matches:
    """What one stage's probes were taken for.

    Attributes:
        found: (P,) whether a face was found.
        rank: (P,) rank of the right person, :data:`lowface_recognition.cmc.NEVER` for none.
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


def search(probes: Encoded, person: np.ndarray, gallery: Gallery, known: np.ndarray) -> Matches:
    """Compares probes with the gallery, :data:`ROWS` at a time.

    Args:
        probes: of one stage.
        person: (P,) the right person of each.
        known: (people,) bool, who is enrolled in the open-set test.
    """
    parts = []
    for start in range(0, len(person), ROWS):
        rows = slice(start, start + ROWS)
        similarity = probes.embedding[rows].astype(np.float64) @ gallery.embedding.astype(np.float64).T
        similarity[:, ~gallery.found] = -np.inf
        scores = best_per_person(similarity, gallery.person, len(gallery.people))
        parts.append(_search(scores, person[rows], probes.found[rows], known))
    return Matches(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def _search(scores: np.ndarray, own: np.ndarray, found: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, ...]:
    lost = -np.inf
    right = np.where(found, np.take_along_axis(scores, own[:, None], 1)[:, 0], lost)
    best = scores.argmax(1)
    top = np.where(found, scores.max(1), lost)
    enrolled = np.where(known, scores, lost)
    first_known = known[own] & (ranks(enrolled, own, found) == 1)
    top_known = np.where(found, enrolled.max(1), lost)
    return found, ranks(scores, own, found), best, top, right, first_known, top_known


def figures(matches: Matches, person: np.ndarray, known: np.ndarray, seed: int, repeats: int = 1) -> dict[str, Any]:
    """The figures of one stage, with intervals, as a result holds them.

    Args:
        person: (P,) the right person of each probe.
        known: (people,) bool, who is enrolled in the open-set test.
        seed: of the resampling.
        repeats: how often each picture is among the probes; repetitions make no picture more to rest a rate on.
    """
    among, weights = _weights(person, seed)
    out: dict[str, Any] = {}
    for name, hit in hits(matches).items():
        out[name] = interval(float(np.mean(hit)), share(hit, among, weights))
    out["cmc"] = cmc(matches.rank, min(LONGEST_CMC, len(known)))
    out["open_set"] = [_open_set(matches, person, known, weights, among, fpir, repeats) for fpir in FPIRS]
    return out


def change(before: Matches, after: Matches, person: np.ndarray, seed: int) -> dict[str, Any]:
    """By how much each share differs between two stages; one resampling serves both, as the pictures are the same."""
    among, weights = _weights(person, seed)
    later, earlier = hits(after), hits(before)
    out = {}
    for name in later:
        difference = later[name].astype(float) - earlier[name].astype(float)
        out[name] = interval(float(difference.mean()), share(difference, among, weights))
    return out


def hits(matches: Matches) -> dict[str, np.ndarray]:
    """Yes or no for every probe: recognised at each rank, undetected."""
    return {**{f"rank{k}": at_rank(matches.rank, k) for k in RANKS}, "undetected": ~matches.found}


def _weights(person: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Number of each probe's person among those who have probes, and resamplings of these."""
    people, among = np.unique(person, return_inverse=True)
    return among, people_weights(len(people), seed)


def _open_set(
    matches: Matches,
    person: np.ndarray,
    known: np.ndarray,
    weights: np.ndarray,
    among: np.ndarray,
    fpir: float,
    repeats: int,
) -> dict[str, Any]:
    mated = known[person]
    strangers = int((~mated).sum()) // repeats
    needed = round(FEWEST / fpir)
    if strangers < needed or not mated.any():
        note = f"too few non-mated probes ({strangers}; {needed} needed)" if mated.any() else "no mated probes"
        return {"fpir": fpir, "tpir": None, "note": note}
    right, score, alarms = matches.first_known[mated], matches.own[mated], matches.top_known[~mated]

    def under(row: np.ndarray) -> float:
        each = row[among]
        return tpir_at(right, score, alarms, fpir, each[mated], each[~mated])

    value = tpir_at(right, score, alarms, fpir)
    return {"fpir": fpir, "tpir": interval(value, resampled(under, weights)), "note": None}


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
