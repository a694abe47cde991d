"""Average precision: boxes are matched by pycocotools, and what it matched is summed up for any weights of pictures."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lowface_core.errors import ConfigError
from lowface_core.registry.trace import short

#: Overlaps (intersection over union) of COCO's mean, the first of which is that of DARK FACE.
OVERLAPS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
#: Shares of the objects found at which precision is read.
RECALLS = np.linspace(0, 1, 101)
#: Most boxes of a picture that count, the best first. COCO has 100; a street may show more faces.
MOST = 1000


@dataclass
class Matched:
    """What a detector found on P pictures, best score first.

    Attributes:
        picture: (N,) which picture each box is of.
        score: (N,) its score.
        right: (overlaps,N) bool, whether it is the box that finds an object, at each of :data:`OVERLAPS`.
        objects: (P,) how many objects each picture has.
    """

    picture: np.ndarray
    score: np.ndarray
    right: np.ndarray
    objects: np.ndarray

    def precision(self, overlap: int, weight: np.ndarray | None = None) -> np.ndarray:
        """(101,) precision at each of :data:`RECALLS`, read as COCO reads it: the best at this recall or a higher one.

        Args:
            overlap: place in :data:`OVERLAPS`.
            weight: (P,) how often each picture counts, e.g. in a resampling; None: once.

        Returns:
            NaN where there are no objects; 0 beyond the highest recall.
        """
        each = np.ones(len(self.objects)) if weight is None else np.asarray(weight, np.float64)
        total = float((each * self.objects).sum())
        if total == 0:
            return np.full(len(RECALLS), np.nan)
        of_box = each[self.picture]
        hits = np.cumsum(of_box * self.right[overlap])
        boxes = np.cumsum(of_box)
        best = np.maximum.accumulate((hits / np.maximum(boxes, np.finfo(float).eps))[::-1])[::-1]
        place = np.searchsorted(hits / total, RECALLS, side="left")
        return np.where(place < len(best), best[np.minimum(place, max(len(best) - 1, 0))] if len(best) else 0.0, 0.0)

    def average_precision(self, overlap: int | None = None, weight: np.ndarray | None = None) -> float:
        """Mean of :meth:`precision` over recalls, at an overlap or over all (COCO's AP); NaN without objects."""
        chosen = range(len(OVERLAPS)) if overlap is None else [overlap]
        return float(np.mean([self.precision(place, weight).mean() for place in chosen]))

    def found(self, confidence: float) -> np.ndarray:
        """(P,) how many of each picture's objects are found at the first overlap by boxes of at least this score."""
        chosen = self.right[0] & (self.score >= confidence)
        return np.bincount(self.picture[chosen], minlength=len(self.objects))


def match(objects: Sequence[np.ndarray], boxes: Sequence[np.ndarray], scores: Sequence[np.ndarray]) -> Matched:
    """Matches boxes with objects picture by picture, as COCO does.

    Each box, best first, takes the object left over that it overlaps most, if by enough.

    Args:
        objects: (K,4) of each picture, left, top, right and bottom edge.
        boxes: (N,4) of each picture.
        scores: (N,) of each picture.

    Raises:
        ConfigError: pycocotools is not installed.
    """
    evaluator = coco_evaluation(objects, boxes, scores)
    with contextlib.redirect_stdout(io.StringIO()):
        evaluator.evaluate()
    pictures, found, right = [], [], []
    for place, one in enumerate(evaluator.evalImgs):
        if one is None:  # neither objects nor boxes
            continue
        pictures.append(np.full(len(one["dtScores"]), place))
        found.append(np.asarray(one["dtScores"], np.float64))
        right.append(np.asarray(one["dtMatches"]).reshape(len(OVERLAPS), -1) > 0)
    if not pictures:
        pictures, found, right = [np.zeros(0, int)], [np.zeros(0)], [np.zeros((len(OVERLAPS), 0), bool)]
    score = np.concatenate(found)
    order = np.argsort(-score, kind="mergesort")  # as pycocotools orders ties
    return Matched(
        np.concatenate(pictures)[order],
        score[order],
        np.concatenate(right, 1)[:, order],
        np.array([len(one) for one in objects], np.int64),
    )


def coco_evaluation(
    objects: Sequence[np.ndarray], boxes: Sequence[np.ndarray], scores: Sequence[np.ndarray], most: int = MOST
) -> Any:
    """A ``COCOeval`` of boxes of one class, of every size, the best :data:`MOST` of a picture.

    Raises:
        ConfigError: pycocotools is not installed.
    """
    try:
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval
    except ImportError as error:
        raise ConfigError(
            f'detect: pycocotools cannot be imported ({short(str(error))}); pip install "lowface[detection]"'
        ) from error
    truth, found = COCO(), COCO()
    images = [{"id": place} for place in range(len(objects))]
    for data, several, score in ((truth, objects, None), (found, boxes, scores)):
        entries: list[dict[str, Any]] = []
        for place, some in enumerate(several):
            for number, (left, top, right, bottom) in enumerate(np.asarray(some, np.float64).tolist()):
                size = [right - left, bottom - top]
                if min(size) <= 0 and score is not None:
                    continue  # no box at all, which COCO neither rewards nor blames
                entry = {"id": len(entries) + 1, "image_id": place, "category_id": 1, "bbox": [left, top, *size]}
                entry |= {"area": size[0] * size[1], "iscrowd": 0}
                entries.append(entry if score is None else {**entry, "score": float(score[place][number])})
        data.dataset = {"images": images, "annotations": entries, "categories": [{"id": 1, "name": "object"}]}
        with contextlib.redirect_stdout(io.StringIO()):
            data.createIndex()
    evaluator = COCOeval(truth, found, "bbox")
    evaluator.params.maxDets = [most]
    evaluator.params.areaRng, evaluator.params.areaRngLbl = [[0, 1e10]], ["all"]
    evaluator.params.iouThrs, evaluator.params.recThrs = np.array(OVERLAPS), RECALLS
    return evaluator
