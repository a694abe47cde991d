"""Scores of a parsing: confusion matrix over a whole data set, intersection over union per class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from lowface_semantic.classes import IGNORED


def confusion(predicted: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Pixel counts (num_classes, num_classes) int64 on the CPU, row = true class, column = predicted, without 255."""
    known = labels != IGNORED
    pairs = labels[known].long() * num_classes + predicted[known].long()
    return torch.bincount(pairs.flatten(), minlength=num_classes**2).view(num_classes, num_classes).cpu()


def scores(matrix: Tensor, names: Sequence[str]) -> dict[str, Any]:
    """``miou``, ``accuracy`` and ``iou`` by class name, from a confusion matrix.

    A class that is neither in the maps nor predicted anywhere has no score: it is left out of ``iou`` and of the mean.
    An empty matrix gives zeros.
    """
    matrix = matrix.double()
    hit = matrix.diag()
    union = matrix.sum(0) + matrix.sum(1) - hit
    iou = {name: float(hit[k] / union[k]) for k, name in enumerate(names) if union[k] > 0}
    return {
        "miou": sum(iou.values()) / max(1, len(iou)),
        "accuracy": float(hit.sum() / matrix.sum().clamp(min=1)),
        "iou": iou,
    }
