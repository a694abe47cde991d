"""Rank-1 accuracy: undetected probes are wrong answers, gallery positions are not identities."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from lowface_core.errors import LowfaceError
from lowface_metrics.rank1 import Rank1, rank1_correct

GALLERY = torch.tensor([5, 0, 2])  # identity 1 has no face in the gallery
SIMILARITY = torch.tensor([[0.9, 0.1, 0.2], [0.1, 0.8, 0.3], [0.2, 0.3, 0.9], [0.3, 0.4, 0.1], [0.0, 0.0, 0.0]])
IDENTITY = torch.tensor([5, 0, 0, 1, 5])
FOUND = torch.tensor([True, True, True, True, False])


def face(image: torch.Tensor) -> SimpleNamespace:
    """Stands in for a head: each picture's first pixel says which row of the answers it is."""
    rows = image[:, 0, 0, 0].long()
    return SimpleNamespace(similarity=SIMILARITY[rows], found=FOUND[rows], gallery_identity=GALLERY)


def probes(rows: range) -> torch.Tensor:
    return torch.tensor(list(rows), dtype=torch.float32).view(-1, 1, 1, 1).expand(-1, 3, 4, 4)


def test_correct_by_identity_not_by_position() -> None:
    assert rank1_correct(SIMILARITY, FOUND, GALLERY, IDENTITY).tolist() == [True, True, False, False, False]


def test_undetected_is_wrong_even_if_its_row_points_home() -> None:
    correct = rank1_correct(SIMILARITY[:1], torch.tensor([False]), GALLERY, IDENTITY[:1])
    assert correct.tolist() == [False]


def test_each_probes_answer_and_going_on_from_a_state() -> None:
    first, second = Rank1(), Rank1()
    numbers = first.update(image=probes(range(4)), identity=IDENTITY[:4], face=face)
    assert numbers["rank1"].tolist() == [1, 1, 0, 0]
    assert numbers["undetected"].tolist() == [0, 0, 0, 0]
    second.load_state(first.state())
    assert second.update(image=probes(range(4, 5)), identity=IDENTITY[4:], face=face)["undetected"].tolist() == [1]
    assert second.compute() == {"rank1": pytest.approx(2 / 5), "undetected": pytest.approx(1 / 5)}


def test_empty_gallery_is_an_error() -> None:
    with pytest.raises(LowfaceError, match="rank1: the gallery is empty"):
        rank1_correct(torch.zeros(2, 0), FOUND[:2], torch.zeros(0, dtype=torch.long), IDENTITY[:2])
