"""Sizes that a network with strides needs: pictures are padded to a multiple and the result is cut back."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def pad_to_multiple(picture: Tensor, multiple: int) -> Tensor:
    """(B,C,H,W) → the same with H and W rounded up to multiples, the last row and column repeated."""
    height, width = picture.shape[-2:]
    down, right = -height % multiple, -width % multiple
    return functional.pad(picture, (0, right, 0, down), mode="replicate") if down or right else picture


def cut_to(picture: Tensor, like: Tensor) -> Tensor:
    """The upper left part of ``picture`` (B,C,H',W') that has the size (H,W) of ``like``."""
    return picture[..., : like.shape[-2], : like.shape[-1]]
