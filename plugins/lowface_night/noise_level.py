"""How noisy a picture is, as one number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

#: Median of |x| of a standard normal variable.
MEDIAN = 0.6745
#: Places looked at along a side at most; more say nothing new.
PLACES = 64


def noise_level(image: Tensor) -> Tensor:
    """Standard deviation of the noise of each picture, as far as it is independent between pixels.

    The second difference along both axes is blind to edges along either; the median of its size over a grid of places
    is blind to those few where there is texture. Noise that a file format or demosaicing has spread over several pixels
    is underestimated; look at a picture of half the size, too.

    Args:
        image: (B,3,H,W) in [0,1], of any size.

    Returns:
        (B,), in units of the picture.

    References:
        The filter: Immerkær, "Fast noise variance estimation", Computer Vision and Image Understanding 64 (1996).
    """
    height, width = image.shape[-2:]
    step = _step(height, width)
    framed = F.pad(image, (1, 1, 1, 1), mode="replicate")
    return _typical(_second_difference(framed, height, width, step).abs().flatten(1))


def noise_level_by_rows(rows: Callable[[int, int], Tensor], height: int, width: int) -> Tensor:
    """:func:`noise_level` of a picture of which ``rows(top, bottom)`` gives (B,3,bottom−top,W)."""
    step, found = _step(height, width), []
    for y in range(0, height, step):
        near, ends = rows(max(y - 1, 0), min(y + 2, height)), (int(y == 0), int(y == height - 1))
        near = F.pad(near, (1, 1, *ends), mode="replicate")
        found.append(_second_difference(near, 1, width, step).abs().flatten(1))
    return _typical(torch.cat(found, 1))


def _typical(sizes: Tensor) -> Tensor:
    return sizes.median(1).values / (6 * MEDIAN)


def _second_difference(framed: Tensor, height: Any, width: Any, step: Any) -> Tensor:
    """Along both axes, at every ``step``-th place of a picture with a frame of one pixel."""
    total = framed.new_zeros(())
    for dy, a in enumerate((1, -2, 1)):
        for dx, b in enumerate((1, -2, 1)):
            total = total + a * b * _grid(framed, dy, dx, height, width, step)
    return total


def _step(height: Any, width: Any) -> Any:
    """Odd, so that the grid falls on all places of a JPEG's blocks; arithmetic alone while a graph is recorded."""
    if not torch.jit.is_tracing():
        return max(1, min(height, width) // PLACES) | 1
    step = torch.minimum(torch.as_tensor(height), torch.as_tensor(width)) // PLACES
    return step + 1 - step % 2


def _grid(framed: Tensor, dy: int, dx: int, height: Any, width: Any, step: Any) -> Tensor:
    """Every ``step``-th place of a picture with a frame of one pixel, shifted."""
    if not torch.jit.is_tracing():
        return framed[..., dy : dy + height : step, dx : dx + width : step]
    rows, columns = (
        torch.arange((side + step - 1) // step, device=framed.device) * step + shift
        for side, shift in ((height, dy), (width, dx))
    )
    return framed.index_select(-2, rows).index_select(-1, columns)
