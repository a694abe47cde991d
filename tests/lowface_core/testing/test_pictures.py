"""Tiny batches of rendered faces: any size, the annotations in register, the same at every call."""

from __future__ import annotations

import pytest
import torch

from lowface_core.testing import tiny_batch


@pytest.mark.parametrize("size", [(32, 32, 4), (17, 41, 1), (64, 64, 2), (1, 1, 3), (100, 60, 6)])
def test_any_size_and_number(size: tuple[int, int, int]) -> None:
    height, width, pictures = size
    batch = tiny_batch(*size)
    for name in ("low", "normal", "positive", "negative"):
        assert batch[name].shape == (pictures, 3, height, width)
        assert float(batch[name].min()) >= 0
        assert float(batch[name].max()) <= 1
    assert batch["labels"].shape == (pictures, height, width)
    assert len(batch["key"]) == pictures
    assert set(batch["identity"].tolist()) == set(range(pictures))


def test_annotations_follow_the_size() -> None:
    small, large = tiny_batch(32, 16), tiny_batch(64, 64)
    scale = torch.tensor([16 / 64, 32 / 64])
    torch.testing.assert_close(small["landmarks"], (large["landmarks"] + 0.5) * scale - 0.5)
    torch.testing.assert_close(small["box"], large["box"] * scale.repeat(2))
    nose = large["landmarks"][0, 2].round().int()
    assert int(large["labels"][0, nose[1], nose[0]]) == 6


def test_a_batch_is_the_callers_own() -> None:
    batch = tiny_batch()
    batch["low"].zero_()
    batch["key"].clear()
    assert float(tiny_batch()["low"].sum()) > 0
    assert len(tiny_batch()["key"]) == 4
