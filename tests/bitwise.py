"""Comparing checkpoints and other nested data bit by bit."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def assert_equal(one: Any, two: Any, path: str = "") -> None:
    """Bit-equal tensors, equal plain data."""
    if isinstance(one, Tensor):
        assert torch.equal(one, two), path
    elif isinstance(one, dict):
        assert one.keys() == two.keys(), path
        for key in one:
            assert_equal(one[key], two[key], f"{path}.{key}")
    elif isinstance(one, (list, tuple)):
        assert len(one) == len(two), path
        for place, (a, b) in enumerate(zip(one, two, strict=True)):
            assert_equal(a, b, f"{path}.{place}")
    else:
        assert one == two, path
