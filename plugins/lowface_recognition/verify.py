"""``lowface verify``, without its command line: pairs → result folder."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lowface_core.runs import folder_choice as workdir
from lowface_core.runs.thumbnails import MOST, Thumbnails, spread
from lowface_recognition.bootstrap import people_weights
from lowface_recognition.encoding import Encoded, Job, encode
from lowface_recognition.pairs_file import Pairs
from lowface_recognition.photos import fingerprint, with_normal
from lowface_recognition.request import Prepared, Settings
from lowface_recognition.stages import Stages
from lowface_recognition.verification import Scores, change, figures, scores_of

DARKENED = ("second", "both")
#: Pairs compared at once.
ROWS = 8192


def add_normal(pairs: Pairs, folder: Path, darkened: str) -> Pairs:
    """The same pairs, each dark picture with its normal-light partner in ``folder``.

    Raises:
        DataError: some have none.
    """
    needed = sorted({*pairs.second.tolist(), *(pairs.first.tolist() if darkened == "both" else [])})
    photos = list(pairs.photos)
    for index, photo in zip(needed, with_normal([photos[index] for index in needed], folder), strict=True):
        photos[index] = photo
    return replace(pairs, photos=photos)


def verify(
    pairs: Pairs, darkened: str, settings: Settings, folders: Mapping[str, Path | None]
) -> tuple[dict[str, Any], Path]:
    """Runs a verification, or continues it, or reads a finished one back.

    Args:
        darkened: which picture of a pair goes through the stages; the other one stays as it is in its file.
        folders: where the pairs come from, for the manifest.

    Returns:
        the result and its folder.

    Raises:
        LowfaceError: an option, a picture or the folder is faulty.
    """
    prepared = Prepared(settings)
    plan = Plan(pairs, darkened, prepared.stages)
    data = f"{fingerprint(pairs.photos)}:{_hash(pairs)}"
    request = prepared.request(kind="verification", data=data, stages=list(plan.stages), darkened=darkened)
    with workdir.choose("verify", prepared.title, request, settings.work_dir, settings.overwrite) as folder:
        if folder.finished is not None:
            return folder.finished, folder.path
        began = time.monotonic()
        encoded = encode(plan.jobs, prepared.stages, prepared.build(), folder, settings.batch_size)
        trial = Trial(plan, encoded, settings.seed)
        for index in range(len(pairs.same)):
            folder.line(trial.line(index))
        thumbnails = folder.thumbnails
        trial.show(thumbnails, prepared.stages)
        result = {
            "kind": "verification",
            "title": prepared.title,
            "pictures": len(pairs.photos),
            "data": data,
            "recogniser": prepared.recogniser,
            "protocol": {**prepared.protocol(), **trial.protocol()},
            **trial.result(),
            "manifest": prepared.manifest(time.monotonic() - began, folders),
        }
        return folder.finish(result), folder.path


def _hash(pairs: Pairs) -> str:
    digest = hashlib.sha256()
    for array in (pairs.first, pairs.second, pairs.same, pairs.fold):
        digest.update(np.ascontiguousarray(array, dtype="<i8").tobytes())
    return digest.hexdigest()[:16]


class Plan:
    """Which pictures are encoded how, each once.

    Attributes:
        jobs: for :func:`lowface_recognition.encoding.encode`.
        dark: index of a picture → its job in the stages.
        plain: index of a picture → its job as it is in its file, in the stage ``normal``.
    """

    def __init__(self, pairs: Pairs, darkened: str, stages: Stages) -> None:
        self.pairs, self.darkened = pairs, darkened
        both = darkened == "both"
        dark = sorted({*pairs.second.tolist(), *(pairs.first.tolist() if both else [])})
        self.stages = stages.of([pairs.photos[index] for index in dark])
        self.jobs = [Job(pairs.photos[index], self.stages) for index in dark]
        self.dark = {index: row for row, index in enumerate(dark)}
        self.plain: dict[int, int] = {}
        for index in [] if both else np.unique(pairs.first).tolist():
            if stages.degradation is not None and index in self.dark:
                self.plain[index] = self.dark[index]  # its stage "normal" is the file itself
            else:
                self.plain[index] = len(self.jobs)
                self.jobs.append(Job(pairs.photos[index], ("normal",), gallery=True))

    def scores(self, encoded: Mapping[str, Encoded], stage: str) -> Scores:
        """Scores of all pairs in a stage."""
        pairs, here = self.pairs, encoded[stage]
        there = here if self.darkened == "both" else encoded["normal"]
        place = self.dark if self.darkened == "both" else self.plain
        first = np.array([place[index] for index in pairs.first.tolist()])
        second = np.array([self.dark[index] for index in pairs.second.tolist()])
        similarity = np.empty(len(first))
        for start in range(0, len(first), ROWS):
            rows = slice(start, start + ROWS)
            a, b = there.embedding[first[rows]], here.embedding[second[rows]]
            similarity[rows] = (a.astype(np.float64) * b.astype(np.float64)).sum(1)
        return scores_of(similarity, there.found[first] & here.found[second], pairs.same, pairs.fold)


class Trial:
    """All scores of a verification, and what is told of them."""

    def __init__(self, plan: Plan, encoded: Mapping[str, Encoded], seed: int) -> None:
        self.plan, self.pairs, self.seed = plan, plan.pairs, seed
        self.scores = {stage: plan.scores(encoded, stage) for stage in plan.stages}
        self.gained: list[int] = []
        self.lost: list[int] = []
        if "enhanced" in self.scores:
            was, now = self.scores["low"].accuracy.right, self.scores["enhanced"].accuracy.right
            self.gained, self.lost = np.flatnonzero(now & ~was).tolist(), np.flatnonzero(was & ~now).tolist()

    def key(self, index: int) -> str:
        """Name of a pair."""
        photos = self.pairs.photos
        return f"{photos[self.pairs.first[index]].key} | {photos[self.pairs.second[index]].key}"

    def protocol(self) -> dict[str, Any]:
        """What the figures mean, beside how the pictures were made."""
        return {
            "darkened": "the second picture of a pair" if self.plan.darkened == "second" else "both pictures of a pair",
            "folds": {"count": len(np.unique(self.pairs.fold)), "from": self.pairs.folds_from},
            "threshold": "best on the other folds, of equally good ones the lowest; accepted when reached",
            "undetected": "accuracy: a wrong answer, genuine or impostor. ROC, AUC, EER, TAR: never accepted, which is "
            "a miss for a genuine pair and no false accept for an impostor pair; both stay in the count",
            "std": "over the folds (n - 1)",
            "eer": "the ROC read between its points by linear interpolation",
            "tar": "of a threshold that exists, without interpolation",
        }

    def result(self) -> dict[str, Any]:
        """The part of the result that comes from the scores."""
        pairs = self.pairs
        names = sorted({photo.person for photo in pairs.photos})
        place = {name: index for index, name in enumerate(names)}
        person = np.array([place[photo.person] for photo in pairs.photos])
        people = person[pairs.first], person[pairs.second]
        weights = people_weights(len(names), self.seed)
        out: dict[str, Any] = {
            "pairs": {"genuine": int(pairs.same.sum()), "impostor": int((~pairs.same).sum()), "people": len(names)},
            "stages": {stage: figures(scores, pairs.same, people, weights) for stage, scores in self.scores.items()},
            "gained": [self.key(index) for index in self.gained],
            "lost": [self.key(index) for index in self.lost],
        }
        if "enhanced" in self.scores:
            before, after = self.scores["low"], self.scores["enhanced"]
            out["change"] = change(before, after, pairs.same, people, weights)
        return out

    def line(self, index: int) -> dict[str, Any]:
        """The pair's line in ``pictures.jsonl``."""
        pairs = self.pairs
        out: dict[str, Any] = {
            "key": self.key(index),
            "same": bool(pairs.same[index]),
            "fold": int(pairs.fold[index]),
        }
        for stage, scores in self.scores.items():
            found = bool(scores.found[index])
            out[stage] = {
                "similarity": float(scores.score[index]) if found else None,
                "found": found,
                "right": bool(scores.accuracy.right[index]) if scores.accuracy.each else None,
            }
        return out

    def show(self, thumbnails: Thumbnails, stages: Stages) -> None:
        """Makes the second pictures of the few pairs that are shown once more, and offers them."""
        last = "enhanced" if "enhanced" in self.scores else "low"
        undetected: Sequence[int] = np.flatnonzero(~self.scores[last].found)[:MOST].tolist()
        groups = {
            "sample": sorted(spread(len(self.pairs.same))),
            "gained": self.gained[:MOST],
            "lost": self.lost[:MOST],
            "undetected": undetected,
        }
        for group, indices in groups.items():
            for index in indices:
                first, second = (self.pairs.photos[side[index]] for side in (self.pairs.first, self.pairs.second))
                made = stages.make([second], tuple(self.scores))
                line = self.line(index)
                numbers = {f"similarity {stage}": line[stage]["similarity"] for stage in self.scores}
                truth = "the same person as" if self.pairs.same[index] else "another person than"
                note = f"{truth} {first.key}; " + "; ".join(f"{s}: {_said(line[s])}" for s in self.scores)
                thumbnails.offer(group, self.key(index), {stage: p[0] for stage, p in made.items()}, numbers, note)


def _said(told: Mapping[str, Any]) -> str:
    if not told["found"]:
        return "no face found"
    return {True: "right", False: "wrong", None: "not decided"}[told["right"]]
