from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lowface_video.upright import Turn, turn_of


class Data(bytes):
    type = SimpleNamespace(name="DISPLAYMATRIX")


def frame(*matrix: float) -> Any:
    numbers = np.array([matrix[0], matrix[1], 0, matrix[2], matrix[3], 0, 0, 0, 1]) * 65536
    return SimpleNamespace(side_data=[Data(numbers.astype("=i4").tobytes())])


@pytest.mark.parametrize(
    "matrix",
    [
        (a, b, c, d)
        for a in (-1, 0, 1)
        for b in (-1, 0, 1)
        for c in (-1, 0, 1)
        for d in (-1, 0, 1)
        if abs(a * d - b * c) == 1 and (a == 0) != (b == 0) and (c == 0) != (d == 0)
    ],
)
def test_each_pixel_goes_where_the_matrix_says(matrix: tuple[int, int, int, int]) -> None:
    a, b, c, d = matrix
    height, width = 2, 3
    pixels = np.arange(6).reshape(height, width)
    places = {(a * x + c * y, b * x + d * y): pixels[y, x] for y in range(height) for x in range(width)}
    columns, rows = (sorted({place[axis] for place in places}) for axis in (0, 1))
    expected = [[places[column, row] for column in columns] for row in rows]
    turn = turn_of(frame(*matrix))
    assert turn is not None
    np.testing.assert_array_equal(turn(pixels), expected)
    np.testing.assert_array_equal(turn(np.stack([pixels, pixels + 9]))[1], np.array(expected) + 9)


def test_other_angles_are_none_and_no_matrix_is_no_turn() -> None:
    assert turn_of(frame(0.8, 0.6, -0.6, 0.8)) is None
    assert turn_of(SimpleNamespace(side_data=[])) == Turn()
