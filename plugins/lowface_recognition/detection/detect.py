"""``lowface detect``, without its command line: pictures with boxes → a measurement of a detector."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lowface_core.config.build import build_from
from lowface_core.config.check import check_component
from lowface_core.data.dataset import Dataset
from lowface_core.data.keyed_rng import keyed_rng
from lowface_core.data.normal_form import normal_form
from lowface_core.errors import ConfigError, DataError, LowfaceError, listing
from lowface_core.evaluation.paired import bootstrap_p
from lowface_core.evaluation.run import without_cache
from lowface_core.registry import components
from lowface_core.runs.result_folder import ResultFolder
from lowface_core.step.head_bank import freeze
from lowface_recognition.bootstrap import LEVEL, interval
from lowface_recognition.detection.average_precision import Matched, match
from lowface_recognition.encoding import Encoded, Job
from lowface_recognition.photos import Photo
from lowface_recognition.recogniser import face_config
from lowface_recognition.recognition import Recognition, Settings

PATH = "heads.face.detector"
#: Resamplings behind an interval, of pictures.
DRAWS = 200
#: Score from which a box counts as an answer where single pictures are spoken of.
CERTAIN = 0.5
#: The numbers of a stage, and the places of their overlaps in the list of COCO's.
PRECISIONS: dict[str, int | None] = {"ap50": 0, "ap": None, "ap75": 5}


def open_pictures(root: Path | None, options: Mapping[str, Any]) -> Dataset:
    """The data set of a folder, DARK FACE's unless ``type`` among the options says otherwise.

    Raises:
        LowfaceError: it cannot be read, or knows no boxes.
    """
    spec = {"type": "dark_face", **({} if root is None else {"root": str(root)}), **options}
    dataset: Dataset = build_from("dataset", without_cache(spec), "--data")
    if objects_of(dataset, 0, ()) is None:
        raise DataError(
            f"--data: {spec['type']} knows no boxes, only {listing(dataset.names)}; use dark_face or exdark"
        )
    return dataset


def objects_of(dataset: Dataset, index: int, classes: Sequence[str]) -> np.ndarray | None:
    """(K,4) boxes of a sample, of all classes or of those named; None where the data set knows none."""
    found = dataset.objects(index)
    if found is not None:
        chosen = [not classes or name in classes for name in found.classes]
        return found.boxes[np.array(chosen, bool)]
    return np.asarray(dataset[index]["box"], np.float32)[None] if "box" in dataset.names else None


def detector_config(settings: Settings, confidence: float) -> dict[str, Any]:
    """The ``detector`` of a config's ``heads.face``, which is to give boxes down to a score.

    Raises:
        ConfigError: the config has none, or it is faulty.
    """
    spec = face_config(settings.config, settings.cfg_options).get("detector")
    if not isinstance(spec, dict):
        raise ConfigError(f"{settings.config}: {PATH} is missing; --config recognition has one")
    if "confidence" in components.parameters(components.component_of("head", spec, PATH).resolve()):
        spec = {**spec, "confidence": confidence}
    if faults := check_component("head", spec, PATH):
        raise ConfigError("\n".join(faults))
    return spec


class Detection(Recognition):
    """Boxes of a detector on every picture in each stage, against those that the data set knows.

    Args:
        dataset: from :func:`open_pictures`.
        classes: of its boxes those that count; none are all.
        confidence: lowest score of a box; average precision needs low ones as well.
        settings, folders: see :class:`Recognition`.
    """

    command, kind, shown, label = "detect", "detection", "found", "detecting"

    def __init__(
        self,
        dataset: Dataset,
        classes: Sequence[str],
        confidence: float,
        settings: Settings,
        folders: Mapping[str, Path | None],
    ) -> None:
        self.classes, self.confidence = tuple(classes), confidence
        keys = [normal_form(str(dataset.facts(index)["key"])) for index in range(len(dataset))]
        self.photos = [Photo(dataset, index, key, "") for index, key in enumerate(keys)]
        #: Boxes of every picture.
        self.objects = [objects_of(dataset, index, classes) for index in range(len(dataset))]
        if not any(some is not None and len(some) for some in self.objects):
            raise DataError(f"--classes: there are no boxes of {listing(classes)}" if classes else "there are no boxes")
        super().__init__(settings, self.photos, self.photos, folders)
        #: stage → picture, score and edges of every box so far.
        self.rows: dict[str, dict[str, Tensor]] = {}

    def spec_of(self, settings: Settings) -> dict[str, Any]:
        return detector_config(settings, self.confidence)

    def plan(self) -> list[Job]:
        return [Job(photo, self.names) for photo in self.photos]

    def protocol(self) -> dict[str, Any]:
        bootstrap = {"over": "pictures", "draws": DRAWS, "level": LEVEL}
        return {**super().protocol(), "bootstrap": bootstrap, "classes": list(self.classes)}

    def rules(self) -> dict[str, Any]:
        return {
            "confidence": self.confidence,
            "ap50": "boxes that overlap by half (DARK FACE's protocol), precision at 101 recalls as COCO reads it",
            "ap": "mean over overlaps of 0.5 to 0.95 in steps of 0.05 (COCO)",
            "found": f"objects overlapped by half by a box of a score of at least {CERTAIN}",
        }

    def prepare(self) -> None:
        self.detector: nn.Module = freeze(build_from("head", self._spec, PATH), self.device)

    def state(self) -> dict[str, dict[str, Tensor]]:
        return self.rows

    def load_state(self, state: Mapping[str, Any]) -> None:
        self.rows = dict(state)

    @torch.no_grad()
    def batches(self, start: int, folder: ResultFolder) -> Iterator[int]:
        """A picture at a time, for they are large and of many sizes."""
        for index in range(start, len(self.photos)):
            made = self.stages.make([self.photos[index]], self.names)
            for stage, pictures in made.items():
                (found,) = self._detect(pictures[0][None].to(self.device))
                boxes, scores = found.boxes.float().cpu().reshape(-1, 4), found.scores.float().cpu().reshape(-1)
                row = {"picture": torch.full((len(scores),), index), "score": scores, "box": boxes}
                before = self.rows.get(stage)
                self.rows[stage] = row if before is None else {k: torch.cat([before[k], v]) for k, v in row.items()}
            yield 1

    def _detect(self, picture: Tensor) -> Any:
        found = self.detector(picture)
        if not isinstance(found, list) or len(found) != 1 or not hasattr(found[0], "boxes"):
            raise LowfaceError(f"{PATH}: must return a list of detections, a picture each, as 'retinaface' does")
        return found

    def compare(self, encoded: Mapping[str, Encoded]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        self.matched: dict[str, Matched] = {}
        for stage in self.names:
            row = {name: value.numpy() for name, value in self.rows[stage].items()}
            of = [row["picture"] == index for index in range(len(self.photos))]
            objects = [np.zeros((0, 4)) if one is None else one for one in self.objects]
            boxes, scores = ([row[name][chosen] for chosen in of] for name in ("box", "score"))
            self.matched[stage] = match(objects, boxes, scores)
        self.found = {stage: matched.found(CERTAIN) for stage, matched in self.matched.items()}
        # a picture is gained where more is found enhanced; one of nothing to find cannot be undetected
        low, count = self.found["low"], self.matched["low"].objects
        return {
            stage: (found > low if stage != "low" else np.zeros(len(low), bool), (found > 0) | (count == 0))
            for stage, found in self.found.items()
        }

    def encoded(self) -> Mapping[str, Encoded]:
        return {}  # a detector makes no embeddings

    def figures(self, gained: Sequence[int], lost: Sequence[int]) -> dict[str, Any]:
        weights = keyed_rng(5, self.seed).multinomial(
            len(self.photos), np.full(len(self.photos), 1 / len(self.photos)), size=DRAWS if len(self.photos) > 1 else 0
        )
        draws = {
            stage: {
                name: np.array([v.average_precision(at, row) for row in weights]) for name, at in PRECISIONS.items()
            }
            for stage, v in self.matched.items()
        }
        values = {
            stage: {name: v.average_precision(at) for name, at in PRECISIONS.items()}
            for stage, v in self.matched.items()
        }
        lost = (
            [] if "enhanced" not in self.names else np.flatnonzero(self.found["enhanced"] < self.found["low"]).tolist()
        )
        out: dict[str, Any] = {
            "pictures": len(self.photos),
            "objects": int(self.matched["low"].objects.sum()),
            "stages": {},
            "gained": [self.photos[index].key for index in gained],
            "lost": [self.photos[index].key for index in lost],
        }
        for stage, v in self.matched.items():
            numbers = {name: interval(values[stage][name], draws[stage][name]) for name in PRECISIONS}
            share = {"recall": float(self.found[stage].sum() / max(v.objects.sum(), 1))}
            curve = [round(float(each), 6) for each in v.precision(0)]
            out["stages"][stage] = {**numbers, "found": interval(share["recall"], np.zeros(0)), "precision": curve}
        if "enhanced" in self.names:
            out["change"] = {
                name: interval(
                    values["enhanced"][name] - values["low"][name], draws["enhanced"][name] - draws["low"][name]
                )
                for name in PRECISIONS
            }
            p = bootstrap_p(draws["enhanced"]["ap50"] - draws["low"]["ap50"])
            out["tests"] = [{"of": "ap50", "test": "bootstrap", "p": p}]
        return out

    def line(self, index: int) -> dict[str, Any]:
        out: dict[str, Any] = {"key": self.photos[index].key, "objects": int(self.matched["low"].objects[index])}
        for stage, found in self.found.items():
            certain = (self.matched[stage].picture == index) & (self.matched[stage].score >= CERTAIN)
            out[stage] = {"found": int(found[index]), "boxes": int(certain.sum())}
        return out

    def example(self, index: int, line: Mapping[str, Any]) -> tuple[Photo, str]:
        shown = "; ".join(f"{stage}: {line[stage]['found']} found" for stage in self.names)
        return self.photos[index], f"{line['objects']} objects; {shown}"
