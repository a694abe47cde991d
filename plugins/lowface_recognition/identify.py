"""``lowface identify``, without its command line: gallery and probes → result folder."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lowface_core.errors import DataError
from lowface_core.runs import folder_choice as workdir
from lowface_core.runs.thumbnails import MOST, Thumbnails, spread
from lowface_recognition.encoding import Encoded, Job, encode
from lowface_recognition.identification import (
    FPIRS,
    Gallery,
    Verdicts,
    change,
    figures,
    gained_and_lost,
    judge,
    line,
)
from lowface_recognition.open_set import split_people
from lowface_recognition.photos import Photo, check_enrolled, fingerprint, first_of_each, scan, with_normal
from lowface_recognition.request import Prepared, Settings
from lowface_recognition.stages import Stages


@dataclass(frozen=True)
class Sets:
    """Gallery and probes, and where they come from.

    Attributes:
        probes: every picture ``repeats`` times, first all of them once, then all of them again; a repeated one has
            ``#2``, ``#3``, … behind its key, and so noise of its own.
    """

    gallery: list[Photo]
    probes: list[Photo]
    folders: dict[str, Path | None]
    repeats: int = 1

    @property
    def pictures(self) -> int:
        """How many pictures the probes are."""
        return len(self.probes) // self.repeats


def find(data: Path | None, gallery: Path | None, probes: Path | None, normal: Path | None, repeats: int = 1) -> Sets:
    """The pictures of gallery and probes.

    Raises:
        DataError: a folder is missing or laid out otherwise, there are no probes, or one's person is not enrolled.
    """
    if data is None and gallery is not None and probes is not None and gallery.resolve() == probes.resolve():
        data = gallery
    if data is not None:
        enrolled, asked = first_of_each(scan(data))
        where = data
        if not asked:
            raise DataError(f"{data}: everybody has a single picture, which is the gallery; add more, or give --probes")
    else:
        assert gallery is not None
        assert probes is not None
        enrolled, asked, where = scan(gallery), scan(probes), probes
        check_enrolled(enrolled, asked, probes)
    if normal is not None:
        asked = with_normal(asked, normal)
    again = [replace(photo, key=f"{photo.key}#{k}") for k in range(2, repeats + 1) for photo in asked]
    return Sets(enrolled, asked + again, {"gallery": gallery or where, "probes": where, "normal": normal}, repeats)


def identify(sets: Sets, settings: Settings) -> tuple[dict[str, Any], Path]:
    """Runs an identification, or continues it, or reads a finished one back.

    Returns:
        the result and its folder.

    Raises:
        LowfaceError: an option, a picture or the folder is faulty.
    """
    prepared = Prepared(settings)
    data = fingerprint([*sets.gallery, *sets.probes])
    stages = prepared.stages.of(sets.probes)
    request = prepared.request(kind="identification", data=data, stages=list(stages), repeats=sets.repeats)
    with workdir.choose("identify", prepared.title, request, settings.work_dir, settings.overwrite) as folder:
        if folder.finished is not None:
            return folder.finished, folder.path
        began = time.monotonic()
        encoded = encode(_jobs(sets, stages), prepared.stages, prepared.build(), folder, settings.batch_size)
        _repeat_normal(sets, encoded)
        study = Study(sets, encoded, stages, settings.seed)
        for index in range(len(sets.probes)):
            folder.line(study.line(index))
        thumbnails = folder.thumbnails
        study.show(thumbnails, prepared.stages)
        result = {
            "kind": "identification",
            "title": prepared.title,
            "pictures": sets.pictures,
            "data": data,
            "recogniser": prepared.recogniser,
            "protocol": {**prepared.protocol(), **study.protocol()},
            **study.result(),
            "manifest": prepared.manifest(time.monotonic() - began, sets.folders),
        }
        return folder.finish(result), folder.path


def _jobs(sets: Sets, stages: tuple[str, ...]) -> list[Job]:
    """What is encoded: the gallery, the probes, and of their repetitions all but ``normal``, which stays the same."""
    drawn = tuple(stage for stage in stages if stage != "normal")
    jobs = [Job(photo, ("normal",), gallery=True) for photo in sets.gallery]
    jobs += [Job(photo, stages) for photo in sets.probes[: sets.pictures]]
    return jobs + [Job(photo, drawn) for photo in sets.probes[sets.pictures :]]


def _repeat_normal(sets: Sets, encoded: Mapping[str, Encoded]) -> None:
    start, count = len(sets.gallery), sets.pictures
    for array in (encoded["normal"].embedding, encoded["normal"].found):
        for again in range(1, sets.repeats):
            array[start + again * count : start + (again + 1) * count] = array[start : start + count]


class Study:
    """All verdicts of an identification, and what is told of them."""

    def __init__(self, sets: Sets, encoded: Mapping[str, Encoded], stages: Sequence[str], seed: int) -> None:
        self.sets, self.seed = sets, seed
        self.people = sorted({photo.person for photo in sets.gallery})
        place = {person: index for index, person in enumerate(self.people)}
        count = len(sets.gallery)
        enrolled = encoded["normal"]
        self.gallery = Gallery(
            self.people,
            np.array([place[photo.person] for photo in sets.gallery]),
            enrolled.embedding[:count],
            enrolled.found[:count],
        )
        self.person = np.array([place[photo.person] for photo in sets.probes])
        self.known = split_people(len(self.people), seed)
        self.verdicts: dict[str, Verdicts] = {}
        for stage in stages:
            probes = Encoded(encoded[stage].embedding[count:], encoded[stage].found[count:])
            self.verdicts[stage] = judge(probes, self.person, self.gallery, self.known)
        keys = [photo.key for photo in sets.probes]
        self.gained: list[str] = []
        self.lost: list[str] = []
        if "enhanced" in self.verdicts:
            self.gained, self.lost = gained_and_lost(self.verdicts["low"], self.verdicts["enhanced"], keys)

    def protocol(self) -> dict[str, Any]:
        """What the figures mean, beside how the pictures were made."""
        return {
            "repeats": self.sets.repeats,
            "gallery": "normal-light pictures as they are; a person's score is the highest over their pictures",
            "ties": "the right person comes after others of equal similarity",
            "undetected": "a probe without a face is wrong at every rank; so are probes of a person none of whose "
            "gallery pictures shows one",
            "open_set": {
                "enrolled": [self.people[index] for index in np.flatnonzero(self.known)],
                "fpir": list(FPIRS),
                "rule": "the others' probes are non-mated; one without a face raises no alarm and stays in the count",
            },
        }

    def result(self) -> dict[str, Any]:
        """The part of the result that comes from the verdicts."""
        photos, found = self.sets.gallery, self.gallery.found
        out: dict[str, Any] = {
            "gallery": {
                "people": len(self.people),
                "pictures": [photo.key for photo in photos],
                "undetected": [photo.key for photo, seen in zip(photos, found, strict=True) if not seen],
            },
            "probes": self.sets.pictures,
            "stages": {
                stage: figures(v, self.person, self.known, self.seed, self.sets.repeats)
                for stage, v in self.verdicts.items()
            },
            "gained": self.gained,
            "lost": self.lost,
        }
        if "enhanced" in self.verdicts:
            out["change"] = change(self.verdicts["low"], self.verdicts["enhanced"], self.person, self.seed)
        return out

    def line(self, index: int) -> dict[str, Any]:
        """The probe's line in ``pictures.jsonl``."""
        photo = self.sets.probes[index]
        return line(self.verdicts, index, photo.key, photo.person, self.people)

    def show(self, thumbnails: Thumbnails, stages: Stages) -> None:
        """Makes the few pictures that are shown once more, and offers them."""
        place = {photo.key: index for index, photo in enumerate(self.sets.probes)}
        last = "enhanced" if "enhanced" in self.verdicts else "low"
        undetected = np.flatnonzero(~self.verdicts[last].found)[:MOST]
        groups = {
            "sample": sorted(spread(len(self.person))),
            "gained": [place[key] for key in self.gained[:MOST]],
            "lost": [place[key] for key in self.lost[:MOST]],
            "undetected": undetected.tolist(),
        }
        for group, indices in groups.items():
            for index in indices:
                photo = self.sets.probes[index]
                made = stages.make([photo], tuple(self.verdicts))
                line = self.line(index)
                ranks = {f"rank {stage}": line[stage]["rank"] for stage in self.verdicts}
                thumbnails.offer(
                    group, photo.key, {stage: p[0] for stage, p in made.items()}, ranks, _note(line, photo.person, last)
                )


def _note(line: Mapping[str, Any], person: str, last: str) -> str:
    """What happened to a probe, in words."""

    def said(stage: str) -> str:
        told = line[stage]
        if not told["found"]:
            return "no face found"
        if told["best"] is None:
            return "compared with nobody: no gallery picture shows a face"
        return f"recognised as {told['best']}" + ("" if told["best"] == person else f" instead of {person}")

    return f"low: {said('low')}; enhanced: {said('enhanced')}" if last == "enhanced" else said("low")
