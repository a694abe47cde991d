"""Embeddings that several measurements share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
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


DAMAGED = {
    "of other pictures": {"embedding": torch.ones(2, 3), "found": torch.ones(2, dtype=torch.bool)},
    "not a number": {"embedding": torch.full((3, 3), torch.nan), "found": torch.ones(3, dtype=torch.bool)},
    "of another type": {"embedding": torch.ones(3, 3), "found": torch.ones(3)},
    "half": {"embedding": torch.ones(3, 3)},
    "no dict": [1, 2],
}


@pytest.mark.parametrize("held", DAMAGED.values(), ids=DAMAGED)
def test_what_is_no_answer_is_asked_again(tmp_path: Path, held: Any) -> None:
    def recognise(pictures: Tensor) -> tuple[Tensor, Tensor]:
        return pictures.mean((2, 3)), pictures.mean((1, 2, 3)) > 0.5

    pictures = torch.rand(3, 3, 8, 8)
    Remembered(recognise, {}, tmp_path)(pictures)
    (file,) = tmp_path.iterdir()
    torch.save(held, file)
    embedding, _ = Remembered(recognise, {}, tmp_path)(pictures)
    assert torch.equal(embedding, pictures.mean((2, 3)))
    assert torch.equal(torch.load(file)["embedding"], embedding)


def test_a_folder_that_cannot_be_written_costs_time(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    pictures = torch.rand(3, 3, 8, 8)
    answer = Remembered(lambda p: (p.mean((2, 3)), p.mean((1, 2, 3)) > 0), {}, tmp_path / "file")(pictures)
    assert torch.equal(answer[0], pictures.mean((2, 3)))
    assert "cannot be written" in caplog.text
