"""Average precision: by hand, against pycocotools, and with pictures that count several times."""

from __future__ import annotations

import builtins
import contextlib
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lowface_recognition.detection.average_precision import OVERLAPS, coco_evaluation, match

Boxes = list[np.ndarray]


def scene(seed: int, pictures: int = 12) -> tuple[Boxes, Boxes, Boxes]:
    """Objects, and boxes that lie nearby, elsewhere, twice, or are missing; some pictures have none of either."""
    rng = np.random.default_rng(seed)
    objects, boxes, scores = [], [], []
    for number in range(pictures):
        corners = rng.uniform(0, 80, (rng.integers(0, 6) if number else 0, 2))
        truth = np.concatenate([corners, corners + rng.uniform(5, 30, corners.shape)], 1)
        near = truth[rng.random(len(truth)) < 0.8]
        near = np.concatenate([near, near[:1]]) + rng.normal(0, 2, (len(near) + len(near[:1]), 4))
        strays = rng.uniform(0, 60, (rng.integers(0, 4) if number > 1 else 0, 2))
        every = np.concatenate([near, np.concatenate([strays, strays + 12], 1)])
        objects.append(truth)
        boxes.append(every)
        scores.append(np.round(rng.random(len(every)), 2))  # with ties
    return objects, boxes, scores


@pytest.mark.parametrize("seed", range(8))
def test_it_equals_pycocotools(seed: int) -> None:
    objects, boxes, scores = scene(seed)
    matched = match(objects, boxes, scores)
    evaluator = coco_evaluation(objects, boxes, scores, most=100)
    evaluator.params.maxDets = [1, 10, 100]
    evaluator.params.areaRng = [[0, 1e10]] * 4
    evaluator.params.areaRngLbl = ["all", "small", "medium", "large"]
    with contextlib.redirect_stdout(io.StringIO()):
        evaluator.evaluate()
        evaluator.accumulate()
        evaluator.summarize()
    told = matched.average_precision(), matched.average_precision(0), matched.average_precision(5)
    assert told == pytest.approx(evaluator.stats[:3], abs=1e-12)
    assert 0.1 < told[1] < 1
    for place in range(len(OVERLAPS)):
        wanted = evaluator.eval["precision"][place, :, 0, 0, -1]
        np.testing.assert_allclose(matched.precision(place), wanted, atol=1e-12)


def test_it_is_what_one_counts_by_hand() -> None:
    """Right at 0.9, wrong at 0.8, right at 0.7, two objects: precision 1 up to recall 0.5 (51 points), then 2/3."""
    objects = [np.array([[0, 0, 10, 10], [20, 20, 30, 30.0]])]
    boxes = [np.array([[0, 0, 10, 10], [50, 50, 60, 60], [20, 20, 30, 26.0]])]
    matched = match(objects, boxes, [np.array([0.9, 0.8, 0.7])])
    assert matched.average_precision(0) == pytest.approx((51 + 50 * 2 / 3) / 101)
    assert matched.average_precision(5) == pytest.approx(51 / 101)  # the third overlaps by 0.6 alone
    assert matched.found(0.5).tolist() == [2]
    assert matched.found(0.75).tolist() == [1]


def test_a_picture_of_weight_two_is_a_picture_twice() -> None:
    objects, boxes, scores = scene(3)
    weight = np.arange(len(objects)) % 3
    repeated = [[one for one, often in zip(each, weight, strict=True) for _ in range(often)] for each in scene(3)]
    once, twice = match(objects, boxes, scores), match(*repeated)
    for place in (0, 4, None):
        assert once.average_precision(place, weight) == pytest.approx(twice.average_precision(place), abs=1e-12)


def test_without_boxes_or_objects() -> None:
    nothing, one = np.zeros((0, 4)), np.array([[0, 0, 5, 5.0]])
    assert match([one], [nothing], [np.zeros(0)]).average_precision() == 0
    assert np.isnan(match([nothing], [one], [np.ones(1)]).average_precision())
    assert match([nothing, one], [one, one], [np.ones(1), np.ones(1)]).average_precision(0) == pytest.approx(0.5)


def test_a_missing_package_is_one_line(lowface: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def refusing(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("pycocotools"):
            raise ImportError(f"No module named {name!r}")
        return original(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refusing)
    done = lowface("detect", "--data-options", "type=rendered_faces")
    assert (done.code, done.out) == (1, "")
    assert len(done.err.strip().splitlines()) == 1
    assert 'pip install "lowface[detection]"' in done.err
