"""Comparing whatever a component returns: tensors, numbers, texts, and lists, dicts and objects of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Everything inside ``value`` that is not a container, with the path to it: ``("embedding", tensor)``."""
    if isinstance(value, Mapping):
        inside: Any = value.items()
    elif isinstance(value, (list, tuple)):
        inside = enumerate(value)
    elif hasattr(value, "__dict__") and not isinstance(value, (Tensor, nn.Module, type)):
        inside = vars(value).items()
    else:
        yield path or "the output", value
        return
    for key, part in inside:
        yield from leaves(part, f"{path}.{key}" if path else str(key))


def floats(value: Any) -> list[tuple[str, Tensor]]:
    """The floating-point tensors inside ``value``, with their paths."""
    return [(path, leaf) for path, leaf in leaves(value) if isinstance(leaf, Tensor) and leaf.is_floating_point()]


def difference(first: Any, second: Any, tolerance: float = 0.0) -> str:
    """What differs between two values, for a message; empty when nothing does.

    Args:
        tolerance: allowed difference of floating-point numbers, relative to the largest of them but at least to 1.
    """
    one, two = dict(leaves(first)), dict(leaves(second))
    if set(one) != set(two):
        return f"{', '.join(sorted(set(one) ^ set(two)))} only in one of them"
    for path, left in one.items():
        if found := _differ(left, two[path], tolerance):
            return f"{path} {found}"
    return ""


def _differ(left: Any, right: Any, tolerance: float) -> str:
    if not isinstance(left, (Tensor, np.ndarray, np.generic, float, int)):
        same = left is right or isinstance(left, nn.Module) or left == right
        return "" if same else f"is {left!r} and {right!r}"
    one, two = torch.as_tensor(left).detach().cpu(), torch.as_tensor(right).detach().cpu()
    if one.shape != two.shape:
        return f"is of shape {tuple(one.shape)} and {tuple(two.shape)}"
    if one.dtype != two.dtype:
        return f"is {one.dtype} and {two.dtype}"
    if not one.is_floating_point():
        return "" if torch.equal(one, two) else "differs"
    one, two = one.double(), two.double()
    if not torch.equal(one.isfinite(), two.isfinite()):
        return "is finite in one and not in the other"
    mask = one.isfinite()
    if not mask.any():
        return ""
    gap = float((one[mask] - two[mask]).abs().max())
    scale = max(1.0, float(one[mask].abs().max()))
    return f"differs by {gap:.3g}" if gap > tolerance * scale or math.isnan(gap) else ""


def copied(value: Any) -> Any:
    """A copy of the leaves that shares no memory, for telling later whether something was changed."""

    def copy(leaf: Any) -> Any:
        if isinstance(leaf, Tensor):
            return leaf.detach().clone()
        return leaf.copy() if isinstance(leaf, np.ndarray) else leaf

    return {path: copy(leaf) for path, leaf in leaves(value)}


def row(value: Any, index: int, total: int) -> Any:
    """What belongs to picture ``index`` of a batch of ``total``: that row of tensors and lists, other things whole."""
    if isinstance(value, Tensor):
        return value[index : index + 1] if value.ndim and len(value) == total else value
    if isinstance(value, (list, tuple)):
        return value[index : index + 1] if len(value) == total else [row(part, index, total) for part in value]
    if not isinstance(value, Mapping):
        if not hasattr(value, "__dict__") or isinstance(value, nn.Module):
            return value
        value = vars(value)
    return {key: row(part, index, total) for key, part in value.items()}
