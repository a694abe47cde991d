"""Linear systems in which each pixel of a picture is coupled with its four neighbours, solved by elimination."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

import numpy as np
import torch
from torch import Tensor

#: Blocks of no more pixels are not divided further.
LEAF = 64
#: Levels at which blocks at the picture's border have no ring beyond it. Below, all blocks of one size are treated
#: alike: there are many, and few of them lie at the border.
EXACT = 6
#: How many numbers the matrices hold that are worked on at once, which bounds the memory.
CHUNK = 1 << 21
#: Above, below, left, right: the sides of a block and the steps to a neighbour.
STEPS = np.array([(-1, 0), (1, 0), (0, -1), (0, 1)])


@dataclass
class Blocks:
    """All blocks of one size at one level.

    Attributes:
        size: rows and columns.
        sides: at which of its sides (:data:`STEPS`) a block has pixels beyond it, its ring.
        origins: (row, column) of each block's first pixel.
        halves: the blocks that the first and the second halves are, and the place of the first of them there.
        inside: (s,2) pixels that are eliminated here, counted from a block's first pixel: the line that parts the
            halves or, in blocks that are not divided, all.
        ring: (r,2) pixels of the ring, side by side.
        runs: for each half: runs of pixels in its ring, and where they are among inside and ring of the whole.
        pairs: for each step, the pixels of the inside with a neighbour there, and its place among inside and ring.
    """

    size: tuple[int, int]
    sides: tuple[bool, ...]
    origins: list[tuple[int, int]] = field(default_factory=list)
    halves: list[tuple[Blocks, int]] = field(default_factory=list)
    inside: np.ndarray = field(init=False)
    ring: np.ndarray = field(init=False)
    runs: list[list[tuple[slice, slice]]] = field(init=False)
    pairs: list[tuple[Tensor, Tensor]] = field(init=False)

    def starts(self) -> list[int]:
        """Place of each side in the ring, then the number of pixels in it."""
        lengths = [self.size[1 - side // 2] * present for side, present in enumerate(self.sides)]
        return [sum(lengths[:side]) for side in range(5)]

    def number(self) -> None:
        """Fills in what follows from the size, the sides and the halves."""
        height, width = self.size
        sides = ([-1], range(width)), ([height], range(width)), (range(height), [-1]), (range(height), [width])
        axis = int(width >= height)
        middle, line = (self.size[axis] - 1) // 2, range(self.size[1 - axis])
        parting = product([middle], line) if axis == 0 else product(line, [middle])
        inside = parting if self.halves else product(range(height), range(width))
        self.inside = np.array([*inside])
        ring = [pixel for side, present in zip(sides, self.sides, strict=True) if present for pixel in product(*side)]
        self.ring = np.array(ring, int).reshape(-1, 2)
        self.runs = [self._runs(half, axis, number) for number, (half, _) in enumerate(self.halves)]
        table = np.full((height + 2, width + 2), -1)  # a row and a column more at the end, where place -1 is
        pixels = np.concatenate([self.inside, self.ring])
        table[tuple(pixels.T)] = np.arange(len(pixels))
        places = [table[tuple((self.inside + step).T)] for step in STEPS]
        self.pairs = [(torch.from_numpy(np.flatnonzero(p >= 0)), torch.from_numpy(p[p >= 0])) for p in places]

    def _runs(self, half: Blocks, axis: int, number: int) -> list[tuple[slice, slice]]:
        mine, runs = self.starts(), []
        shift = number * (self.size[axis] - half.size[axis])
        for side, start in enumerate(half.starts()[:4]):
            length = half.size[1 - side // 2]
            if side == 2 * axis + 1 - number:
                target = 0
            elif half.sides[side] and self.sides[side]:
                target = len(self.inside) + mine[side] + (shift if side // 2 != axis else 0)
            else:
                continue
            runs.append((slice(start, start + length), slice(target, target + length)))
        return runs


@lru_cache(maxsize=4)
def division(height: int, width: int) -> tuple[tuple[Blocks, ...], ...]:
    """Nested dissection: the picture is halved by a line, and so is each half, down to small blocks.

    Returns:
        the blocks level by level, the whole picture first; kept for the next call.

    References:
        George, Nested dissection of a regular finite element mesh, SIAM J. Numer. Anal. 10 (1973).
    """
    levels: list[tuple[Blocks, ...]] = [(Blocks((height, width), (False,) * 4, [(0, 0)]),)]
    while levels[-1]:
        below: dict[tuple[tuple[int, int], tuple[bool, ...]], Blocks] = {}
        for blocks in levels[-1]:
            if blocks.size[0] * blocks.size[1] > LEAF:
                _halve(blocks, below, exact=len(levels) <= EXACT)
        levels.append(tuple(below.values()))
    for level in levels:
        for blocks in level:
            blocks.number()
    return tuple(levels[:-1])


def _halve(blocks: Blocks, below: dict[tuple[tuple[int, int], tuple[bool, ...]], Blocks], exact: bool) -> None:
    axis = int(blocks.size[1] >= blocks.size[0])
    first = (blocks.size[axis] - 1) // 2
    for number, extent in enumerate((first, blocks.size[axis] - 1 - first)):
        size = (extent, blocks.size[1]) if axis == 0 else (blocks.size[0], extent)
        sides = tuple(
            present or not exact or side == 2 * axis + 1 - number for side, present in enumerate(blocks.sides)
        )
        half = below.setdefault((size, sides), Blocks(size, sides))
        blocks.halves.append((half, len(half.origins)))
        shift = number * (first + 1) * (1 - axis), number * (first + 1) * axis
        half.origins += [(y + shift[0], x + shift[1]) for y, x in blocks.origins]


def solve(across: np.ndarray, down: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Solves x_p + Σ_q w_q·(x_p − x_q) = v_p, q the up to four neighbours of pixel p.

    Block by block, from the smallest up, the pixels inside are expressed by those around; alike blocks at once, by
    dense algebra. Each pixel's own coefficient outweighs the rest of its equation, so this is stable. Time grows with
    the pixels' number to the power 1.5, memory a little faster than with the number itself.

    Args:
        across: weight w_q (H,W) with which a pixel q enters the equations of its left and right neighbours, ≥ 0.
        down: the same for those above and below.
        values: v (H,W), float64.

    Returns:
        x, float64 (H,W).
    """
    stride = values.shape[1] + 2
    padded = [np.pad(weights, 1) for weights in (down, across)]
    diagonal = 1 + np.sum([np.roll(padded[k // 2], step, (0, 1)) for k, step in enumerate(STEPS)], 0)
    flat = [torch.from_numpy(array.ravel()) for array in (diagonal, *padded, np.pad(values, 1))]
    below: dict[int, Tensor] = {}
    solved = []
    for level in reversed(division(*values.shape)):
        sums = {}
        for blocks in level:
            first = np.array(blocks.origins) @ (stride, 1) + stride + 1
            pixels = np.concatenate([blocks.inside, blocks.ring]) @ (stride, 1)
            where = torch.from_numpy(first[:, None] + pixels)
            sums[id(blocks)], inside = _eliminate(blocks, where, below, *flat)
            solved.append((where.split([len(blocks.inside), len(blocks.ring)], 1), inside))
        below = sums
    found = torch.zeros_like(flat[0])
    for (inside, ring), formula in reversed(solved):
        found[inside] = formula[:, :, -1] - (formula[:, :, :-1] @ found[ring][:, :, None])[:, :, 0]
    return found.view(-1, stride)[1:-1, 1:-1].numpy()


def _eliminate(
    blocks: Blocks,
    where: Tensor,
    below: dict[int, Tensor],
    diagonal: Tensor,
    down: Tensor,
    across: Tensor,
    given: Tensor,
) -> tuple[Tensor, Tensor]:
    """What the inside adds to the equations of the ring, (B,r,r+1), and the inside as a function of it, (B,s,r+1); the
    last column is the right side."""
    s, r = len(blocks.inside), len(blocks.ring)
    added, formula = given.new_empty(len(where), r, r + 1), given.new_empty(len(where), s, r + 1)
    step = max(1, CHUNK // (s + r) ** 2)
    for begin in range(0, len(where), step):
        here = where[begin : begin + step]
        count = slice(begin, begin + len(here))
        matrix = given.new_zeros(len(here), s + r, s + r + 1)
        torch.diagonal(matrix[:, :s], dim1=1, dim2=2).copy_(diagonal[here[:, :s]])
        matrix[:, :s, -1] = given[here[:, :s]]
        for weights, (mine, other) in zip((down, down, across, across), blocks.pairs, strict=True):
            matrix[:, mine, other] = -weights[here[:, other]]
            matrix[:, other, mine] = -weights[here[:, mine]]
        for (half, start), runs in zip(blocks.halves, blocks.runs, strict=True):
            part = below[id(half)][start + count.start : start + count.stop]
            for source, target in runs:
                for column, to in runs:
                    matrix[:, target, to] += part[:, source, column]
                matrix[:, target, -1] += part[:, source, -1]
        formula[count] = torch.linalg.solve(matrix[:, :s, :s], matrix[:, :s, s:])
        added[count] = torch.baddbmm(matrix[:, s:, s:], matrix[:, s:, :s], formula[count], alpha=-1)
    return added, formula
