"""Scores by hand."""

from __future__ import annotations

import pytest
import torch

from lowface_semantic.scores import confusion, scores


def test_by_hand():
    labels = torch.tensor([[0, 0, 1, 1], [2, 2, 255, 255]])
    predicted = torch.tensor([[0, 1, 1, 1], [2, 0, 0, 1]])
    matrix = confusion(predicted, labels, 4)
    assert matrix.tolist() == [[1, 1, 0, 0], [0, 2, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0]]
    result = scores(matrix, ["a", "b", "c", "d"])
    assert result["iou"] == pytest.approx({"a": 1 / 3, "b": 2 / 3, "c": 1 / 2})  # d occurs nowhere
    assert result["miou"] == pytest.approx(0.5)
    assert result["accuracy"] == pytest.approx(4 / 6)


def test_whole_set_counts_not_mean_of_batches():
    batches = [(torch.tensor([0, 0, 0]), torch.tensor([0, 0, 0])), (torch.tensor([1]), torch.tensor([0]))]
    matrix = sum(confusion(p, t, 2) for p, t in batches)
    assert scores(matrix, "ab")["accuracy"] == pytest.approx(3 / 4)


def test_nothing_labelled():
    assert scores(torch.zeros(2, 2), "ab") == {"miou": 0.0, "accuracy": 0.0, "iou": {}}
