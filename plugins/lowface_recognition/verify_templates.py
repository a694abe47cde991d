"""``lowface verify --templates``, without its command line: templates of many pictures → a measurement."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lowface_recognition.bootstrap import DRAWS, people_weights
from lowface_recognition.encoding import Encoded, Job
from lowface_recognition.photos import Photo
from lowface_recognition.pooling import pooled
from lowface_recognition.recognition import Recognition, Settings
from lowface_recognition.template_files import Templates
from lowface_recognition.verification import FARS, Scores, figures, scores_of

#: Pairs compared at once.
ROWS = 8192
#: Pairs looked at by all resamplings together, at most; with more pairs there are fewer resamplings.
LOOKED_AT = 400_000_000


class TemplateVerification(Recognition):
    """Pairs of templates: each picture is encoded, and each template is the pooled embedding of its pictures.

    Its lines are templates, not pairs, of which protocols have millions.

    Args:
        darkened: ``second`` or ``both``: the pictures of which template of a pair go through the stages.
        settings, folders: see :class:`Recognition`.
    """

    command, kind, shown = "verify", "verification", "faces"

    def __init__(
        self, templates: Templates, darkened: str, settings: Settings, folders: Mapping[str, Path | None]
    ) -> None:
        self.templates, self.darkened = templates, darkened
        count = len(templates.names)
        self.draws = int(np.clip(LOOKED_AT // len(templates.same), 20, DRAWS))
        used = np.zeros((2, count), bool)
        used[0, templates.first] = used[1, templates.second] = True
        of = templates.template
        #: Pictures that go through the stages, and those that stay as they are.
        self._dark = np.flatnonzero(used[1][of] | (used[0][of] & (darkened == "both")))
        self._plain = np.flatnonzero(used[0][of]) if darkened != "both" else np.zeros(0, np.int64)
        super().__init__(settings, templates.photos, [templates.photos[index] for index in self._dark], folders)
        digest = hashlib.sha256()
        for array in (of, templates.media, templates.first, templates.second, templates.same):
            digest.update(np.ascontiguousarray(array, dtype="<i8").tobytes())
        self.data += f":{digest.hexdigest()[:16]}"

    def plan(self) -> list[Job]:
        photos = self.templates.photos
        jobs = [Job(photos[index], self.names) for index in self._dark]
        return jobs + [Job(photos[index], ("normal",), gallery=True) for index in self._plain]

    def request(self) -> dict[str, Any]:
        return {**super().request(), "darkened": self.darkened}

    def protocol(self) -> dict[str, Any]:
        shared = super().protocol()
        return {**shared, "bootstrap": {**shared["bootstrap"], "draws": self.draws}}

    def compare(self, encoded: Mapping[str, Encoded]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        templates, count = self.templates, len(self._dark)
        plain = None
        if len(self._plain):
            normal = encoded["normal"]
            plain = self._pooled(Encoded(normal.embedding[count:], normal.found[count:]), self._plain)
        self.scores: dict[str, Scores] = {}
        #: stage → how many pictures of each template show a face, and whether one does.
        self.faces: dict[str, np.ndarray] = {}
        for stage in self.names:
            shown = Encoded(encoded[stage].embedding[:count], encoded[stage].found[:count])
            here = self._pooled(shown, self._dark)
            of = templates.template[self._dark[shown.found]]
            self.faces[stage] = np.bincount(of, minlength=len(templates.names))
            self.scores[stage] = self._scores(here if plain is None else plain, here)
        nobody = np.zeros(len(templates.names), bool)
        return {stage: (nobody, faces > 0) for stage, faces in self.faces.items()}

    def _pooled(self, encoded: Encoded, pictures: np.ndarray) -> Encoded:
        templates = self.templates
        return pooled(encoded, templates.template[pictures], templates.media[pictures], len(templates.names))

    def _scores(self, there: Encoded, here: Encoded) -> Scores:
        """Scores of all pairs in a stage; no folds, and so no accuracy."""
        first, second, same = self.templates.first, self.templates.second, self.templates.same
        similarity = np.empty(len(first))
        for start in range(0, len(first), ROWS):
            rows = slice(start, start + ROWS)
            a, b = there.embedding[first[rows]], here.embedding[second[rows]]
            similarity[rows] = (a.astype(np.float64) * b.astype(np.float64)).sum(1)
        return scores_of(similarity, there.found[first] & here.found[second], same, np.zeros(len(same), np.int64))

    def rules(self) -> dict[str, Any]:
        return {
            "templates": "mean over the pictures of a medium, then over the media; cosine of these",
            "darkened": "the second template of a pair" if self.darkened == "second" else "both templates of a pair",
            "folds": {"count": 1, "from": "none, and so no accuracy"},
            "undetected": "a picture without a face has no part in its template; a template without any is never "
            "accepted, which is a miss for a genuine pair and no false accept for an impostor pair",
            "eer": "the ROC read between its points by linear interpolation",
            "tar": "of a threshold that exists, without interpolation",
        }

    def figures(self, gained: Sequence[int], lost: Sequence[int]) -> dict[str, Any]:
        templates = self.templates
        subject = np.zeros(len(templates.names), np.int64)
        subject[templates.template] = [int(photo.person) for photo in templates.photos]
        people = subject[templates.first], subject[templates.second]
        weights = people_weights(int(subject.max()) + 1, self.seed, self.draws)
        fars, same = (*FARS, 1e-5, 1e-6), templates.same
        return {
            "pictures": len(templates.photos),
            "templates": len(templates.names),
            "pairs": {"genuine": int(same.sum()), "impostor": int((~same).sum()), "people": weights.shape[1]},
            "stages": {stage: figures(v, same, people, weights, fars) for stage, v in self.scores.items()},
            "gained": [],
            "lost": [],
        }

    def line(self, index: int) -> dict[str, Any]:
        out: dict[str, Any] = {"key": self.templates.names[index]}
        for stage, faces in self.faces.items():
            out[stage] = {"faces": int(faces[index]), "found": bool(faces[index])}
        return out

    def example(self, index: int, line: Mapping[str, Any]) -> tuple[Photo, str]:
        place = int(np.flatnonzero(self.templates.template == index)[0])
        shown = "; ".join(f"{stage}: {line[stage]['faces']} faces" for stage in self.names)
        return self.templates.photos[place], f"template {line['key']}; {shown}"
