"""``lowface identify``, without its command line: gallery and probes → a measurement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lowface_core.errors import DataError
from lowface_recognition.encoding import Encoded, Job
from lowface_recognition.identification import FPIRS, Gallery, Matches, change, figures, line, search
from lowface_recognition.photos import Photo, check_enrolled, first_of_each, open_folder, with_normal
from lowface_recognition.ranking import at_rank, split_people
from lowface_recognition.recognition import Recognition, Settings


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


def find(
    data: Path | None,
    gallery: Path | None,
    probes: Path | None,
    normal: Path | None,
    repeats: int = 1,
    options: Mapping[str, Any] | None = None,
) -> Sets:
    """The pictures of gallery and probes.

    Args:
        options: see :func:`lowface_recognition.photos.open_folder`.

    Raises:
        DataError: a folder is missing or laid out otherwise, there are no probes, or one's person is not enrolled.
    """
    if data is None and gallery is not None and probes is not None and gallery.resolve() == probes.resolve():
        data = gallery
    if data is not None:
        enrolled, searched = first_of_each(open_folder(data, options))
        where = data
        if not searched:
            raise DataError(f"{data}: everybody has a single picture, which is the gallery; add more, or give --probes")
    else:
        assert gallery is not None
        assert probes is not None
        enrolled, searched, where = open_folder(gallery, options), open_folder(probes, options), probes
        check_enrolled(enrolled, searched, probes)
    if normal is not None:
        searched = with_normal(searched, normal)
    again = [replace(photo, key=f"{photo.key}#{k}") for k in range(2, repeats + 1) for photo in searched]
    return Sets(enrolled, searched + again, {"gallery": gallery or where, "probes": where, "normal": normal}, repeats)


class Identification(Recognition):
    """Probes searched in a gallery."""

    command, kind, shown = "identify", "identification", "rank"

    def __init__(self, sets: Sets, settings: Settings) -> None:
        self.sets = sets
        self.people = sorted({photo.person for photo in sets.gallery})
        place = {person: index for index, person in enumerate(self.people)}
        self.enrolled, self.person = (
            np.array([place[photo.person] for photo in photos]) for photos in (sets.gallery, sets.probes)
        )
        self.known = split_people(len(self.people), settings.seed)
        super().__init__(settings, [*sets.gallery, *sets.probes], sets.probes, sets.folders)

    def plan(self) -> list[Job]:
        """The gallery, the probes, and of their repetitions all but ``normal``, which stays the same."""
        sets, drawn = self.sets, tuple(stage for stage in self.names if stage != "normal")
        jobs = [Job(photo, ("normal",), gallery=True) for photo in sets.gallery]
        jobs += [Job(photo, self.names) for photo in sets.probes[: sets.pictures]]
        return jobs + [Job(photo, drawn) for photo in sets.probes[sets.pictures :]]

    def compare(self, encoded: Mapping[str, Encoded]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        count, pictures = len(self.sets.gallery), self.sets.pictures
        normal = encoded["normal"]
        self.gallery = Gallery(self.people, self.enrolled, normal.embedding[:count], normal.found[:count])
        self.matches: dict[str, Matches] = {}
        for stage in self.names:
            embedding, found = encoded[stage].embedding[count:], encoded[stage].found[count:]
            if stage == "normal":  # encoded once, and the same in every repetition
                embedding = np.tile(embedding[:pictures], (self.sets.repeats, 1))
                found = np.tile(found[:pictures], self.sets.repeats)
            self.matches[stage] = search(Encoded(embedding, found), self.person, self.gallery, self.known)
        return {stage: (at_rank(v.rank, 1), v.found) for stage, v in self.matches.items()}

    def rules(self) -> dict[str, Any]:
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

    def figures(self, gained: Sequence[int], lost: Sequence[int]) -> dict[str, Any]:
        photos, found, probes = self.sets.gallery, self.gallery.found, self.sets.probes
        repeats, seed = self.sets.repeats, self.seed
        out: dict[str, Any] = {
            "pictures": self.sets.pictures,
            "gallery": {
                "people": len(self.people),
                "pictures": [photo.key for photo in photos],
                "undetected": [photo.key for photo, seen in zip(photos, found, strict=True) if not seen],
            },
            "probes": self.sets.pictures,
            "stages": {s: figures(v, self.person, self.known, seed, repeats) for s, v in self.matches.items()},
            "gained": [probes[index].key for index in gained],
            "lost": [probes[index].key for index in lost],
        }
        if "enhanced" in self.matches:
            out["change"] = change(self.matches["low"], self.matches["enhanced"], self.person, seed)
        return out

    def line(self, index: int) -> dict[str, Any]:
        photo = self.sets.probes[index]
        return line(self.matches, index, photo.key, photo.person, self.people)

    def example(self, index: int, line: Mapping[str, Any]) -> tuple[Photo, str]:
        photo = self.sets.probes[index]

        def words(stage: str) -> str:
            row = line[stage]
            if not row["found"]:
                return "no face found"
            if row["best"] is None:
                return "compared with nobody: no gallery picture shows a face"
            right = row["best"] == photo.person
            return f"recognised as {row['best']}" + ("" if right else f" instead of {photo.person}")

        both = "enhanced" in line
        return photo, f"low: {words('low')}; enhanced: {words('enhanced')}" if both else words("low")
