"""Embeddings that several measurements share."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from lowface_recognition.remembered import Remembered


def test_a_batch_is_asked_once_by_pixels_shape_and_recogniser(tmp_path: Path) -> None:
    asked: list[int] = []

    def recognise(pictures: Tensor) -> tuple[Tensor, Tensor]:
        asked.append(len(pictures))
        return pictures.mean((2, 3)), pictures.mean((1, 2, 3)) > 0.5

    pictures = torch.rand(3, 3, 8, 8)
    for _ in range(2):  # a second process, as it were
        embedding, found = Remembered(recognise, {"type": "a"}, tmp_path)(pictures)
        assert torch.equal(embedding, pictures.mean((2, 3)))
        assert torch.equal(found, pictures.mean((1, 2, 3)) > 0.5)
    assert asked == [3]
    Remembered(recognise, {"type": "b"}, tmp_path)(pictures)
    Remembered(recognise, {"type": "a"}, tmp_path)(pictures[:2])
    Remembered(recognise, {"type": "a"}, tmp_path)(pictures + 1e-3)
    Remembered(recognise, {"type": "a"}, tmp_path)(pictures.reshape(3, 3, 4, 16))
    assert asked == [3, 3, 2, 3, 3]
