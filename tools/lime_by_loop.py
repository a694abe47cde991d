"""LIME's linear system written down, pixel by pixel and at once: what the solver is timed and tested against."""

from __future__ import annotations

import numpy as np
from scipy import sparse


def matrix_by_loop(across: np.ndarray, down: np.ndarray) -> sparse.csr_matrix:
    """LIME's linear system, (HW,HW), pixel by pixel from the weights (H,W) of its steps to the right and down."""
    height, width = across.shape
    matrix = sparse.lil_matrix((height * width, height * width))
    for y in range(height):
        for x in range(width):
            total = 1.0
            for v, u, weight in ((y - 1, x, down), (y + 1, x, down), (y, x - 1, across), (y, x + 1, across)):
                if 0 <= v < height and 0 <= u < width:
                    matrix[y * width + x, v * width + u] = -weight[v, u]
                    total += weight[v, u]
            matrix[y * width + x, y * width + x] = total
    return matrix.tocsr()


def matrix_at_once(across: np.ndarray, down: np.ndarray) -> sparse.csr_matrix:
    """The same matrix, built of whole arrays. (The solver needs no such matrix: it takes the weights as they are.)"""
    height, width = across.shape
    number = np.arange(height * width).reshape(height, width)
    right, left, lower, upper = number[:, 1:], number[:, :-1], number[1:], number[:-1]
    rows = np.concatenate([pixels.ravel() for pixels in (left, right, upper, lower)])
    columns = np.concatenate([pixels.ravel() for pixels in (right, left, lower, upper)])
    drawn = [across[:, 1:], across[:, :-1], down[1:], down[:-1]]
    values = np.concatenate([weights.ravel() for weights in drawn])
    total = 1.0 + np.bincount(rows, values, number.size)
    size = (number.size, number.size)
    return sparse.diags_array(total).tocsr() - sparse.csr_matrix((values, (rows, columns)), size)
