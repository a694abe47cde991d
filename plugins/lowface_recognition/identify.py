"""``lowface identify``, without its command line: gallery and probes → a measurement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lowface_core.errors import DataError
from lowface_recognition.encoding import Encoded, Job
from lowface_recognition.identification import FPIRS, Matches, change, figures, line, paired_test, search
from lowface_recognition.photos import Photo, check_enrolled, first_of_each, open_folder, with_normal
from lowface_recognition.ranking import at_rank, split_people
from lowface_recognition.recognition import Recognition, Settings


def find(
    data: Path | None,
    gallery: Path | None,
    probes: Path | None,
    normal: Path | None,
    options: Mapping[str, Any] | None = None,
) -> tuple[list[Photo], list[Photo], dict[str, Path | None]]:
    """The pictures of gallery and probes, and the folders that they come from.

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
        check_enrolled(enrolled, searched, data)
    else:
        assert gallery is not None
        assert probes is not None
        enrolled, searched, where = open_folder(gallery, options), open_folder(probes, options), probes
        check_enrolled(enrolled, searched, probes)
    if normal is not None:
        searched = with_normal(searched, normal)
    return enrolled, searched, {"gallery": gallery or where, "probes": where, "normal": normal}


class Identification(Recognition):
    """Probes searched in a gallery.

    Args:
        gallery, probes, folders: see :func:`find`.
        settings: of the command.
        repeats: how often each probe is darkened; a repeated one has ``#2``, ``#3``, … behind its key, and so noise of
            its own. First come all of them once, then all of them again.
    """

    command, kind, shown = "identify", "identification", "rank"

    def __init__(
        self,
        gallery: list[Photo],
        probes: list[Photo],
        folders: Mapping[str, Path | None],
        settings: Settings,
        repeats: int = 1,
    ) -> None:
        self.gallery, self.repeats, self.pictures = gallery, repeats, len(probes)
        again = [replace(photo, key=f"{photo.key}#{k}") for k in range(2, repeats + 1) for photo in probes]
        self.probes = [*probes, *again]
        self.people = sorted({photo.person for photo in gallery})
        place = {person: index for index, person in enumerate(self.people)}
        self.enrolled, self.person = (
            np.array([place[photo.person] for photo in photos]) for photos in (gallery, self.probes)
        )
        self.known = split_people(len(self.people), settings.seed)
        super().__init__(settings, [*gallery, *self.probes], self.probes, folders)

    def plan(self) -> list[Job]:
        """The gallery, the probes, and of their repetitions all but ``normal``, which stays the same."""
        drawn = tuple(stage for stage in self.names if stage != "normal")
        jobs = [Job(photo, ("normal",), gallery=True) for photo in self.gallery]
        jobs += [Job(photo, self.names) for photo in self.probes[: self.pictures]]
        return jobs + [Job(photo, drawn) for photo in self.probes[self.pictures :]]

    def compare(self, encoded: Mapping[str, Encoded]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        count, pictures, normal = len(self.gallery), self.pictures, encoded["normal"]
        gallery = Encoded(normal.embedding[:count], normal.found[:count])
        self.undetected = [photo.key for photo, seen in zip(self.gallery, gallery.found, strict=True) if not seen]
        self.matches: dict[str, Matches] = {}
        for stage in self.names:
            embedding, found = encoded[stage].embedding[count:], encoded[stage].found[count:]
            if stage == "normal":  # encoded once, and the same in every repetition
                embedding = np.tile(embedding[:pictures], (self.repeats, 1))
                found = np.tile(found[:pictures], self.repeats)
            self.matches[stage] = search(Encoded(embedding, found), self.person, gallery, self.enrolled, self.known)
        return {stage: (at_rank(v.rank, 1), v.found) for stage, v in self.matches.items()}

    def rules(self) -> dict[str, Any]:
        return {
            "repeats": self.repeats,
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
        repeats, seed = self.repeats, self.seed
        out: dict[str, Any] = {
            "pictures": self.pictures,
            "gallery": {
                "people": len(self.people),
                "pictures": [photo.key for photo in self.gallery],
                "undetected": self.undetected,
            },
            "probes": self.pictures,
            "stages": {s: figures(v, self.person, self.known, seed, repeats) for s, v in self.matches.items()},
            "gained": [self.probes[index].key for index in gained],
            "lost": [self.probes[index].key for index in lost],
        }
        if "enhanced" in self.matches:
            before, after = self.matches["low"], self.matches["enhanced"]
            out["change"] = change(before, after, self.person, seed)
            out["tests"] = [paired_test(before, after, self.pictures)]
        return out

    def line(self, index: int) -> dict[str, Any]:
        photo = self.probes[index]
        return line(self.matches, index, photo.key, photo.person, self.people)

    def example(self, index: int, line: Mapping[str, Any]) -> tuple[Photo, str]:
        photo = self.probes[index]

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
