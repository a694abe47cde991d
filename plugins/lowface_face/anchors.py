"""RetinaFace's anchors (two squares a cell at strides 8, 16, 32) and the decoding of offsets against them."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

#: Stride of each pyramid level and the sides of its two anchors, pixels of the network's input.
LEVELS = ((8, (16, 32)), (16, (64, 128)), (32, (256, 512)))
#: Offsets are learned in units of these fractions of an anchor: position, and logarithm of size.
VARIANCES = (0.1, 0.2)


@lru_cache(maxsize=32)
def anchor_grid(height: int, width: int, device: torch.device | str = "cpu") -> Tensor:
    """Anchors of a picture, (A,3): centre x, centre y and side in pixels; cached per size and device.

    Order: level by level, row by row, cell by cell, the smaller anchor first. Do not write into the result.
    """
    grids = []
    for stride, sides in LEVELS:
        y = (torch.arange(-(-height // stride), dtype=torch.float32) + 0.5) * stride
        x = (torch.arange(-(-width // stride), dtype=torch.float32) + 0.5) * stride
        side = torch.tensor(sides, dtype=torch.float32)
        cy, cx, s = torch.meshgrid(y, x, side, indexing="ij")
        grids.append(torch.stack([cx, cy, s], -1).reshape(-1, 3))
    return torch.cat(grids).to(device)


def decode_boxes(offsets: Tensor, anchors: Tensor) -> Tensor:
    """Box offsets (...,4) against anchors (...,3) → boxes (...,4), xyxy pixels of the network's input."""
    side = anchors[..., 2:]
    centre = anchors[..., :2] + offsets[..., :2] * VARIANCES[0] * side
    half = side * torch.exp(offsets[..., 2:] * VARIANCES[1]) / 2
    return torch.cat([centre - half, centre + half], -1)


def decode_landmarks(offsets: Tensor, anchors: Tensor) -> Tensor:
    """Landmark offsets (...,10) against anchors (...,3) → points (...,5,2), xy pixels of the network's input."""
    points = offsets.unflatten(-1, (5, 2))
    return anchors[..., None, :2] + points * VARIANCES[0] * anchors[..., None, 2:]
