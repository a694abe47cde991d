"""LIME's linear system written down pixel by pixel: what the solver is timed against, and tested against."""

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
