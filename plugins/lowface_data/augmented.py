"""Mirroring and cropping of any data set's samples: pictures, map, box and landmarks together."""

from __future__ import annotations

from typing import Any

import numpy as np

from lowface_core.data.dataset import Dataset
from lowface_core.errors import DataError
from lowface_core.registry.bounds import Count, Share
from lowface_data.wrapped import Wrapped
from lowface_semantic.classes import MIRRORED

PICTURES = ("low", "normal", "positive", "negative", "labels")


class Augmented(Wrapped):
    """Another data set with random geometry, one draw a sample, the same for everything the sample carries.

    Mirroring swaps left and right: columns, classes 2↔3 and 4↔5 of the map, and the pairs of landmarks. Coordinates of
    pixel centres are whole numbers. A box is clipped to the crop; landmarks may come to lie outside it.

    Args:
        dataset: the data set; its gallery and identities are passed on unchanged.
        flip: probability of mirroring.
        crop: side in pixels of the square cut out at a random place; None keeps the whole.

    Raises:
        DataError: when a sample is asked for that is smaller than the crop.
    """

    def __init__(self, dataset: Dataset, flip: Share = 0.5, crop: Count | None = None) -> None:
        super().__init__(dataset)
        self.flip, self.crop = flip, crop

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        """One sample; the geometry is drawn after what the inner data set draws."""
        return self.draw(index, rng, index)

    def changed(self, index: int, sample: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
        """The sample cropped, and mirrored or not."""
        if self.crop is not None:
            sample = crop(sample, self.crop, rng)
        return mirror(sample) if rng.random() < self.flip else sample

    def fingerprint(self) -> str:
        return f"Augmented:flip={self.flip}:crop={self.crop}:{self.dataset.fingerprint()}"


def mirror(sample: dict[str, Any]) -> dict[str, Any]:
    """The sample of the mirrored picture."""
    width = _shape(sample)[1]
    turned = dict(sample)
    for name in PICTURES:
        if name in sample:
            flip = mirror_labels if name == "labels" else _columns
            turned[name] = flip(sample[name])
    if "box" in sample:
        left, top, right, bottom = sample["box"]
        turned["box"] = np.array([width - 1 - right, top, width - 1 - left, bottom], np.float32)
    if "landmarks" in sample:
        points = sample["landmarks"][[1, 0, 2, 4, 3]].copy()
        points[:, 0] = width - 1 - points[:, 0]
        turned["landmarks"] = points.astype(np.float32)
    return turned


def crop(sample: dict[str, Any], side: int, rng: np.random.Generator) -> dict[str, Any]:
    """The sample of a square of the picture; two numbers are drawn.

    Raises:
        DataError: the picture is smaller.
    """
    height, width = _shape(sample)
    if side > min(height, width):
        raise DataError(
            f"sample {sample.get('key', '')!r} is {width}x{height} pixels and crop is {side}; "
            "give the data set a larger size= or crop less"
        )
    top, left = (int(rng.integers(0, room - side + 1)) for room in (height, width))
    cut = dict(sample)
    for name in PICTURES:
        if name in sample:
            cut[name] = np.ascontiguousarray(sample[name][..., top : top + side, left : left + side])
    offset = np.array([left, top], np.float32)
    if "box" in sample:
        box = sample["box"].reshape(2, 2) - offset
        cut["box"] = np.clip(box, 0, side - 1).astype(np.float32).reshape(4)
    if "landmarks" in sample:
        cut["landmarks"] = (sample["landmarks"] - offset).astype(np.float32)
    return cut


def mirror_labels(labels: np.ndarray) -> np.ndarray:
    """A label map (H,W) of the mirrored picture: flipped left to right, with left and right classes swapped.

    Values from 11 upwards (255 = no label) are kept.
    """
    table = np.arange(256)
    table[: len(MIRRORED)] = MIRRORED
    return np.ascontiguousarray(table[labels[:, ::-1]].astype(labels.dtype))


def _columns(image: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(image[..., ::-1])


def _shape(sample: dict[str, Any]) -> tuple[int, int]:
    height, width = next(sample[name] for name in PICTURES if name in sample).shape[-2:]
    return height, width
