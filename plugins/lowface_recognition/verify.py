"""``lowface verify``, without its command line: pairs → a measurement."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lowface_recognition.bootstrap import people_weights
from lowface_recognition.encoding import Encoded, Job
from lowface_recognition.pairs import Pairs
from lowface_recognition.photos import Photo, with_normal
from lowface_recognition.recognition import Recognition, Settings
from lowface_recognition.verification import Scores, change, figures, scores_of

#: Pairs compared at once.
ROWS = 8192


def dark_pictures(pairs: Pairs, darkened: str) -> list[int]:
    """Which pictures of pairs go through the stages: the ``second`` ones, or ``both``."""
    return sorted({*pairs.second.tolist(), *(pairs.first.tolist() if darkened == "both" else [])})


def add_normal(pairs: Pairs, folder: Path, darkened: str) -> Pairs:
    """The same pairs, each dark picture with its normal-light partner in ``folder``.

    Raises:
        DataError: some have none.
    """
    dark, photos = dark_pictures(pairs, darkened), list(pairs.photos)
    for index, photo in zip(dark, with_normal([photos[index] for index in dark], folder), strict=True):
        photos[index] = photo
    return replace(pairs, photos=photos)


def repeated(pairs: Pairs, darkened: str, repeats: int) -> tuple[Pairs, np.ndarray]:
    """The same pairs several times, dark pictures with ``#2``, ``#3``, … behind their keys and so noise of their own.

    Returns:
        the pairs, first all of them once, then all of them again, in the same folds; and of every picture the number of
        the one that it repeats.
    """
    dark, count = dark_pictures(pairs, darkened), len(pairs.photos)
    photos, origin, first, second = list(pairs.photos), list(range(count)), [pairs.first], [pairs.second]
    for number in range(2, repeats + 1):
        place = np.arange(count)
        place[dark] = np.arange(len(photos), len(photos) + len(dark))
        photos += [replace(pairs.photos[index], key=f"{pairs.photos[index].key}#{number}") for index in dark]
        origin += dark
        first.append(place[pairs.first] if darkened == "both" else pairs.first)
        second.append(place[pairs.second])
    same, fold = np.tile(pairs.same, repeats), np.tile(pairs.fold, repeats)
    again = Pairs(photos, np.concatenate(first), np.concatenate(second), same, fold, pairs.folds_from)
    return again, np.array(origin)


class Verification(Recognition):
    """Pairs of pictures, each encoded once.

    Args:
        darkened: ``second`` or ``both``: which picture of a pair goes through the stages; the other one stays as it is.
        settings, folders: see :class:`Recognition`.
        repeats: how often the dark pictures of a pair are darkened, each time anew, see :func:`repeated`.
    """

    command, kind, shown = "verify", "verification", "similarity"

    def __init__(
        self,
        pairs: Pairs,
        darkened: str,
        settings: Settings,
        folders: Mapping[str, Path | None],
        repeats: int = 1,
    ) -> None:
        self.darkened, self.repeats, self.pictures = darkened, repeats, len(pairs.photos)
        self.pairs, self._origin = repeated(pairs, darkened, repeats)
        pairs = self.pairs
        self._dark = dark_pictures(pairs, darkened)
        super().__init__(settings, pairs.photos, [pairs.photos[index] for index in self._dark], folders)
        digest = hashlib.sha256()
        for array in (pairs.first, pairs.second, pairs.same, pairs.fold):
            digest.update(np.ascontiguousarray(array, dtype="<i8").tobytes())
        self.data += f":{digest.hexdigest()[:16]}"

    def plan(self) -> list[Job]:
        photos = self.pairs.photos
        drawn = tuple(stage for stage in self.names if stage != "normal")  # of a repetition: ``normal`` stays the same
        jobs = [Job(photos[i], self.names if i < self.pictures else drawn) for i in self._dark]
        #: Index of a picture → its job in the stages.
        self._in_stages = {index: row for row, index in enumerate(self._dark)}
        #: Index of a first picture that stays as it is → its job in the stage ``normal``.
        self._plain: dict[int, int] = {}
        for index in [] if self.darkened == "both" else np.unique(self.pairs.first).tolist():
            if self.stages.degradation is not None and index in self._in_stages:
                self._plain[index] = self._in_stages[index]  # its stage "normal" is the picture itself
            else:
                self._plain[index] = len(jobs)
                jobs.append(Job(photos[index], ("normal",), gallery=True))
        return jobs

    def request(self) -> dict[str, Any]:
        return {**super().request(), "darkened": self.darkened}

    def compare(self, encoded: Mapping[str, Encoded]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        self.scores = {stage: self._scores(encoded, stage) for stage in self.names}
        return {stage: (scores.right, scores.found) for stage, scores in self.scores.items()}

    def _scores(self, encoded: Mapping[str, Encoded], stage: str) -> Scores:
        """Scores of all pairs in a stage."""
        pairs, here = self.pairs, encoded[stage]
        there, place = (here, self._in_stages) if self.darkened == "both" else (encoded["normal"], self._plain)
        where = self._origin if stage == "normal" else np.arange(len(pairs.photos))
        ends = pairs.first if self.darkened != "both" else where[pairs.first]
        first = np.array([place[index] for index in ends.tolist()])
        second = np.array([self._in_stages[index] for index in where[pairs.second].tolist()])
        similarity = np.empty(len(first))
        for start in range(0, len(first), ROWS):
            rows = slice(start, start + ROWS)
            a, b = there.embedding[first[rows]], here.embedding[second[rows]]
            similarity[rows] = (a.astype(np.float64) * b.astype(np.float64)).sum(1)
        return scores_of(similarity, there.found[first] & here.found[second], pairs.same, pairs.fold)

    def key(self, index: int) -> str:
        """Name of a pair."""
        photos = self.pairs.photos
        return f"{photos[self.pairs.first[index]].key} | {photos[self.pairs.second[index]].key}"

    def rules(self) -> dict[str, Any]:
        return {
            "repeats": self.repeats,
            "darkened": "the second picture of a pair" if self.darkened == "second" else "both pictures of a pair",
            "folds": {"count": len(np.unique(self.pairs.fold)), "from": self.pairs.folds_from},
            "threshold": "best on the other folds, of equally good ones the lowest; accepted when reached",
            "undetected": "accuracy: a wrong answer, genuine or impostor. ROC, AUC, EER, TAR: never accepted, which is "
            "a miss for a genuine pair and no false accept for an impostor pair; both stay in the count",
            "std": "over the folds (n - 1)",
            "eer": "the ROC read between its points by linear interpolation",
            "tar": "of a threshold that exists, without interpolation",
        }

    def figures(self, gained: Sequence[int], lost: Sequence[int]) -> dict[str, Any]:
        pairs = self.pairs
        names, person = np.unique([photo.person for photo in pairs.photos], return_inverse=True)
        people = person[pairs.first], person[pairs.second]
        weights = people_weights(len(names), self.seed)
        same, times = pairs.same, self.repeats
        genuine = int(same.sum()) // times
        out: dict[str, Any] = {
            "pictures": self.pictures,
            "pairs": {"genuine": genuine, "impostor": len(same) // times - genuine, "people": len(names)},
            "stages": {stage: figures(v, same, people, weights, repeats=times) for stage, v in self.scores.items()},
            "gained": [self.key(index) for index in gained],
            "lost": [self.key(index) for index in lost],
        }
        if "enhanced" in self.scores:
            before, after = self.scores["low"], self.scores["enhanced"]
            out["change"], out["tests"] = change(before, after, pairs.same, people, weights)
        return out

    def line(self, index: int) -> dict[str, Any]:
        pairs = self.pairs
        same, fold = bool(pairs.same[index]), int(pairs.fold[index])
        out: dict[str, Any] = {"key": self.key(index), "same": same, "fold": fold}
        for stage, scores in self.scores.items():
            found = bool(scores.found[index])
            out[stage] = {
                "similarity": float(scores.score[index]) if found else None,
                "found": found,
                "right": bool(scores.right[index]) if scores.each else None,
            }
        return out

    def example(self, index: int, line: Mapping[str, Any]) -> tuple[Photo, str]:
        first, second = (self.pairs.photos[side[index]] for side in (self.pairs.first, self.pairs.second))
        words = {True: "right", False: "wrong", None: "not decided"}
        rows = {stage: words[line[stage]["right"]] if line[stage]["found"] else "no face found" for stage in self.names}
        truth = "the same person as" if self.pairs.same[index] else "another person than"
        return second, f"{truth} {first.key}; " + "; ".join(f"{stage}: {text}" for stage, text in rows.items())
