"""Two half-size pictures out of a noisy one: the same scene twice, with noise that is not the same."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lowface_core.errors import DataError

#: Enhances a picture (B,3,h,w) by the network under training.
Enhance = Callable[[Tensor], Tensor]
#: Side in pixels of the squares whose light is compared, and of the pattern that repeats.
PLACE, PATTERN = 9, 64
#: Pairs of the four pixels of a cell (upper left, upper right, lower left, lower right) that touch along an edge.
PAIRS = ((0, 1), (1, 0), (0, 2), (2, 0), (1, 3), (3, 1), (2, 3), (3, 2))


def cells(picture: Tensor) -> Tensor:
    """Pixels (B,C,H,W) by cells of two by two, (B,C,4,H//2,W//2); a last odd row or column is left out.

    Raises:
        DataError: there is no cell.
    """
    batch, channels, height, width = picture.shape
    if height < 2 or width < 2:
        raise DataError(f"a picture of {width}x{height} pixels has no two halves; use pictures from 2x2 on")
    even = picture[..., : height // 2 * 2, : width // 2 * 2]
    return F.pixel_unshuffle(even, 2).reshape(batch, channels, 4, height // 2, width // 2)


class NeighbourPairs(nn.Module):
    """Of each cell two pixels that touch, one for each half-size picture (Neighbor2Neighbor, section 4.1).

    Which two is drawn once for each place of a pattern that repeats: the network shifts with the picture, and the
    pictures of a training are cut at random, so that in the end every pair is seen at every place.

    Args:
        seed: of that pattern.
    """

    first: Tensor
    second: Tensor

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        drawn = torch.randint(len(PAIRS), (PATTERN, PATTERN), generator=torch.Generator().manual_seed(seed))
        pairs = torch.tensor(PAIRS)[drawn]
        self.register_buffer("first", pairs[..., 0], persistent=False)
        self.register_buffer("second", pairs[..., 1], persistent=False)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """(B,C,H,W) → two (B,C,H//2,W//2)."""
        found = cells(picture)
        height, width = found.shape[-2:]
        times = -(-height // PATTERN), -(-width // PATTERN)

        def taken(which: Tensor) -> Tensor:
            index = which.repeat(times)[:height, :width].expand(*found.shape[:2], 1, height, width)
            return found.gather(2, index)[:, :, 0]

        return taken(self.first), taken(self.second)


def diagonals(picture: Tensor) -> tuple[Tensor, Tensor]:
    """The means of both diagonals of each cell (Zero-Shot Noise2Noise, section 3): (B,C,H,W) → two (B,C,H//2,W//2)."""
    upper_left, upper_right, lower_left, lower_right = cells(picture).unbind(2)
    return (upper_right + lower_left) / 2, (upper_left + lower_right) / 2


def in_the_light_of(target: Tensor, source: Tensor, enhanced: Tensor) -> Tensor:
    """A dark half as bright as the other was made, with all its noise: nothing but the light of each place is changed.

    The papers' networks keep the brightness, ours do not. What they made of a place of 9 by 9 pixels, colour by
    colour, is what the target is multiplied with; its noise stays independent of the source's.

    Args:
        target: (B,3,h,w), the other half.
        source: (B,3,h,w), the half that was enhanced.
        enhanced: (B,3,h,w), what became of it; receives no gradient.
    """

    def light(picture: Tensor) -> Tensor:
        return F.avg_pool2d(picture.detach().float(), PLACE, 1, PLACE // 2, count_include_pad=False)

    return target.float() * (light(enhanced) / light(source).clamp_min(1e-3))
