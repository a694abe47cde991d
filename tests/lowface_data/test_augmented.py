"""Augmentation: everything a sample carries moves together; the draws follow the sample's generator."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from lowface_core.data.batches import RunOrder, served, training_loader
from lowface_core.data.dataset import Dataset
from lowface_core.errors import DataError
from lowface_data.augmented import Augmented, crop, mirror
from lowface_data.degradations.linear import LinearDarkening
from lowface_data.rendered.rendered_faces import RenderedFaces


class Marked(Dataset):
    """A dark picture with bright pixels at its landmarks and at two corners of its box."""

    names = ("low", "normal", "labels", "box", "landmarks", "key")
    points = np.array([[2, 3], [7, 3], [5, 5], [3, 8], [6, 8]], np.float32)

    def __len__(self) -> int:
        return 3

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        image = np.zeros((3, 12, 10), np.float32)
        labels = np.zeros((12, 10), np.int64)
        for number, (x, y) in enumerate(self.points.astype(int)):
            image[:, y, x] = (number + 1) / 8
        labels[3, 2], labels[3, 7] = 5, 4
        image[0, 2, 1] = image[0, 9, 8] = 1
        box = np.array([1, 2, 8, 9], np.float32)
        return {
            "low": image / 2,
            "normal": image,
            "labels": labels,
            "box": box,
            "landmarks": self.points.copy(),
            "key": f"k{index}",
        }


def check(sample: dict[str, Any], swapped: bool) -> None:
    order = [1, 0, 2, 4, 3] if swapped else [0, 1, 2, 3, 4]
    for (x, y), number in zip(sample["landmarks"].astype(int), order, strict=True):
        if 0 <= x < sample["normal"].shape[2] and 0 <= y < sample["normal"].shape[1]:
            assert sample["normal"][1, y, x] == (number + 1) / 8
            assert sample["low"][1, y, x] == (number + 1) / 16


def test_mirroring_moves_everything() -> None:
    plain = Marked()[0]
    turned = mirror(plain)
    check(turned, swapped=True)
    assert turned["landmarks"][0, 0] < turned["landmarks"][1, 0]  # still the picture's left first
    left, top, right, bottom = turned["box"].astype(int)
    assert turned["normal"][0, top, right] == turned["normal"][0, bottom, left] == 1
    np.testing.assert_array_equal(turned["labels"][3, [2, 7]], [5, 4])  # left stays the person's left
    again = mirror(turned)
    for name, value in plain.items():
        np.testing.assert_array_equal(again[name], value)


def test_cropping_moves_everything() -> None:
    for seed in range(20):
        cut = crop(Marked()[0], 9, np.random.default_rng(seed))
        assert cut["normal"].shape == (3, 9, 9)
        assert cut["labels"].shape == (9, 9)
        check(cut, swapped=False)
        assert cut["box"].min() >= 0
        assert cut["box"].max() <= 8
    with pytest.raises(DataError, match="'k0' is 10x12 pixels and crop is 11"):
        crop(Marked()[0], 11, np.random.default_rng(0))


def test_half_of_the_samples_are_mirrored() -> None:
    data = Augmented(Marked())
    turned = [data.item(0, np.random.default_rng(seed))["normal"][0, 2, 1] != 1 for seed in range(200)]
    assert 70 < sum(turned) < 130
    for flip, count in ((0, 0), (1, 200)):
        data = Augmented(Marked(), flip=flip)
        turned = [data.item(0, np.random.default_rng(seed))["normal"][0, 2, 1] != 1 for seed in range(200)]
        assert sum(turned) == count


def test_wraps_any_data_set_and_any_number_of_workers_agree() -> None:
    inner = RenderedFaces(32, identities=3, pictures=2, degradation=LinearDarkening(), contrast=True)
    data = Augmented(inner, crop=24)
    assert data.names == inner.names
    assert len(list(data.gallery())) == 3
    assert data.fingerprint() != Augmented(inner, crop=25).fingerprint()
    runs = [
        list(itertools.islice(served(training_loader(data, RunOrder(6, 2, seed=1), workers)), 4)) for workers in (0, 2)
    ]
    for one, other in zip(*runs, strict=True):
        assert one["key"] == other["key"]
        for name in ("low", "normal", "positive", "negative", "labels", "box", "landmarks"):
            assert (one[name] == other[name]).all()
        assert one["negative"].shape == (2, 3, 24, 24)
