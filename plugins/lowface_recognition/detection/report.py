"""What results of detection hold, and how ``lowface report`` shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from lowface_core.report.inputs import Source
from lowface_core.report.svg import Points
from lowface_core.runs.result_schema import Figure, Part, Result, Stage
from lowface_recognition.reports import Number, RecognitionReport, share
from lowface_recognition.result_schemas import PairedTest


class DetectionStage(Part):
    """Average precisions in [0,1]; ``found`` is the share of objects, ``precision`` at 101 recalls and half overlap."""

    ap50: Figure | None = None
    ap: Figure | None = None
    ap75: Figure | None = None
    found: Figure | None = None
    precision: list[float | None] | None = None


class Detection(Result):
    """A detector on pictures with known boxes; ``gained`` and ``lost`` are pictures, ``change`` paired differences."""

    recogniser: dict[str, Any]
    protocol: dict[str, Any]
    objects: int
    stages: dict[Stage, DetectionStage]
    change: dict[str, Figure] | None = None
    tests: list[PairedTest] | None = None
    gained: list[str]
    lost: list[str]


class DetectionReport(RecognitionReport):
    """AP at half overlap, COCO's AP, AP at three quarters, share found; precision over recall."""

    schema, command = Detection, "detect"
    id, heading = "detection", "Detection"
    headline = ("ap50", "AP50", "Average precision at half overlap")
    curve = ("Precision", "recall", "precision", "Boxes that overlap an object by half.", False)
    groups: ClassVar[Mapping[str, tuple[str, str]]] = {
        "lost": ("Lost by enhancement", "Less is found after enhancement than before."),
        "undetected": ("Nothing found", "There are objects, and no box overlaps one by half."),
        "gained": ("Gained by enhancement", "More is found after enhancement than before."),
    }
    counted = "A box counts by its score; found: by boxes of a score of at least 0.5."
    intervals = "Brackets: 95 % intervals, bootstrap over pictures."
    judge = "Detector"
    changed = "Gained: pictures in which more is found after enhancement; lost: in which less is."
    facts = ("protocol", "recogniser", "objects")

    def numbers(self, sources: Sequence[Source]) -> list[Number]:
        """Average precisions and the share found."""
        return [share("ap50", "AP50"), share("ap", "AP"), share("ap75", "AP75"), share("found", "found")]

    def counts(self, content: Mapping[str, Any]) -> str:
        """Pictures and objects."""
        return f"{content['pictures']} pictures with {content['objects']} objects."

    def points(self, sources: Sequence[Source]) -> Callable[[Source, str], Points]:
        """Precision over recall."""

        def curve(source: Source, stage: str) -> Points:
            precision = source.content["stages"].get(stage, {}).get("precision") or []
            return tuple((place / 100, value) for place, value in enumerate(precision) if value is not None)

        return curve
