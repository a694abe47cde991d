"""Comparing what components return: what differs is named, whatever holds it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor

from lowface_core.testing.values import copied, difference, floats, leaves, row


@dataclass
class Match:
    embedding: Tensor
    found: Tensor
    extra: None = None


def match(value: float = 1.0) -> Match:
    return Match(torch.full((2, 3), value), torch.tensor([True, False]))


def test_leaves_have_their_paths() -> None:
    assert [path for path, _ in leaves({"a": [1, match()]})] == ["a.0", "a.1.embedding", "a.1.found", "a.1.extra"]
    assert [path for path, _ in leaves(torch.ones(1))] == ["the output"]
    assert [path for path, _ in floats(match())] == ["embedding"]


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (match(), match(), ""),
        (match(), match(1.5), "embedding differs by 0.5"),
        ({"a": 1}, {"b": 1}, "a, b only in one of them"),
        (torch.ones(2), torch.ones(3), "the output is of shape (2,) and (3,)"),
        (torch.ones(2), torch.ones(2).double(), "the output is torch.float32 and torch.float64"),
        (torch.tensor([1]), torch.tensor([2]), "the output differs"),
        (torch.tensor([1.0]), torch.tensor([float("nan")]), "the output is finite in one and not in the other"),
        (torch.tensor([float("nan")]), torch.tensor([float("nan")]), ""),
        ("a", "b", "the output is 'a' and 'b'"),
        (np.zeros(2), np.zeros(2), ""),
    ],
)
def test_a_difference_is_named(first: object, second: object, message: str) -> None:
    assert difference(first, second) == message


def test_tolerance_is_relative_to_large_numbers() -> None:
    assert difference(torch.tensor([1000.0]), torch.tensor([1000.5]), 1e-3) == ""
    assert difference(torch.tensor([0.1]), torch.tensor([0.2]), 1e-3) != ""


def test_a_copy_shares_no_memory() -> None:
    value = {"a": torch.ones(2), "b": np.ones(2)}
    before = copied(value)
    value["a"].zero_()
    assert difference(before, copied(value)) == "a differs by 1"


def test_rows_of_a_batch() -> None:
    one = row({"match": match(), "list": ["x", "y"], "whole": torch.ones(5)}, 1, 2)
    assert one["match"]["found"].tolist() == [False]
    assert one["list"] == ["y"]
    assert one["whole"].shape == (5,)
