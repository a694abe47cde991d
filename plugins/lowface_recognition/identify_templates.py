"""``lowface identify --templates``, without its command line: IJB's 1:N galleries and probes → a measurement."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lowface_core.errors import DataError
from lowface_core.files import read_text
from lowface_recognition.encoding import Encoded, Job
from lowface_recognition.identify import Identification
from lowface_recognition.photos import Photo, check_enrolled
from lowface_recognition.pooling import pooled
from lowface_recognition.recognition import Settings
from lowface_recognition.template_files import META, Faces, read_faces


class TemplateIdentification(Identification):
    """Probe templates searched in all gallery templates; the first picture of a template stands for it in galleries.

    ``meta/<set>_1N_gallery_*.csv`` (two of them: G1 and G2, S1 and S2 in IJB-B) and ``meta/<set>_1N_probe_mixed.csv``
    hold a heading and then a template and a subject in each line's first two columns. The galleries, whose people
    differ, are searched as one.

    Args:
        root: folder such as ``IJBC``.
        settings: of the command.

    Raises:
        DataError: a file is missing or malformed, or somebody is in no gallery.
    """

    def __init__(self, root: Path, settings: Settings) -> None:
        self.faces = read_faces(root)
        galleries, probes = (_files(root, name) for name in ("1N_gallery_*", "1N_probe_mixed"))
        enrolled, searched = (_subjects(paths) for paths in (galleries, probes))
        #: Template of each row of the gallery and of the probes.
        self._rows = [_places(self.faces, enrolled, galleries[0]), _places(self.faces, searched, probes[0])]
        gallery = _stand_ins(self.faces, self._rows[0], enrolled)
        looked_for = _stand_ins(self.faces, self._rows[1], searched)
        check_enrolled(gallery, looked_for, probes[0])
        super().__init__(gallery, looked_for, {"gallery": root, "probes": root}, settings)
        digest = hashlib.sha256()
        for array in (self.faces.template, self.faces.media, *self._rows):
            digest.update(np.ascontiguousarray(array, dtype="<i8").tobytes())
        self.data += f":{digest.hexdigest()[:16]}"

    def plan(self) -> list[Job]:
        """Every picture of the galleries as it is, and every picture of the probes in all stages."""
        faces = self.faces
        #: Pictures of the gallery's and of the probes' templates.
        self._pictures = [np.flatnonzero(np.isin(faces.template, rows)) for rows in self._rows]
        gallery, probes = (
            [Photo(faces.dataset, int(place), faces.dataset.files[place], "") for place in pictures]
            for pictures in self._pictures
        )
        jobs = [Job(photo, ("normal",), gallery=True) for photo in gallery]
        return jobs + [Job(photo, self.names) for photo in probes]

    def compare(self, encoded: Mapping[str, Encoded]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        count, normal = len(self._pictures[0]), encoded["normal"]
        gallery = self._templates(Encoded(normal.embedding[:count], normal.found[:count]), 0)
        whole = {}
        for stage in {*self.names, "normal"}:
            of_stage = encoded[stage]
            probes = self._templates(Encoded(of_stage.embedding[count:], of_stage.found[count:]), 1)
            whole[stage] = Encoded(
                np.concatenate([gallery.embedding, probes.embedding]), np.concatenate([gallery.found, probes.found])
            )
        return super().compare(whole)

    def _templates(self, encoded: Encoded, side: int) -> Encoded:
        """Pooled embeddings of the gallery (side 0) or the probes (1), a row a template."""
        faces, pictures = self.faces, self._pictures[side]
        every = pooled(encoded, faces.template[pictures], faces.media[pictures], len(faces.numbers))
        return Encoded(every.embedding[self._rows[side]], every.found[self._rows[side]])

    def rules(self) -> dict[str, Any]:
        return {
            **super().rules(),
            "templates": "mean over the pictures of a medium, then over the media; both galleries are searched as one",
        }


def _files(root: Path, name: str) -> list[Path]:
    found = sorted((root / META).glob(f"*_{name}.csv"))
    if not found:
        raise DataError(f"{root / META}: holds no file called <set>_{name}.csv")
    return found


def _subjects(paths: Sequence[Path]) -> dict[int, str]:
    """Template → subject, of several files together."""
    found: dict[int, str] = {}
    for path in paths:
        before = len(found)
        try:
            rows = list(csv.reader(read_text(path, "utf-8-sig").splitlines()))[1:]
            found |= {int(row[0]): str(int(row[1])) for row in rows if row}
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror})") from error
        except (ValueError, IndexError, csv.Error) as error:
            raise DataError(f"{path}: does not begin each line with the numbers of a template and a subject") from error
        if len(found) == before:
            raise DataError(f"{path}: holds no templates")
    return found


def _places(faces: Faces, subjects: Mapping[int, str], path: Path) -> np.ndarray:
    return faces.places(np.array(list(subjects), np.int64), f"{path}, template")


def _stand_ins(faces: Faces, rows: np.ndarray, subjects: Mapping[int, str]) -> list[Photo]:
    """The first picture of each template, called by the template's number."""
    first = np.full(len(faces.numbers), -1)
    first[faces.template[::-1]] = np.arange(len(faces.template))[::-1]
    told = zip(rows, subjects.items(), strict=True)
    return [Photo(faces.dataset, int(first[row]), f"template-{number}", person) for row, (number, person) in told]
