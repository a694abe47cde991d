"""Files of boxes around what pictures show, one a picture, in the two forms that data sets in the dark have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lowface_core.data.objects import Objects
from lowface_core.errors import DataError
from lowface_core.files import read_text


@dataclass(frozen=True)
class BoxFile:
    """A file of boxes and the form that it has: a function from its lines to class and edges of each box."""

    path: Path
    form: Callable[[list[str]], list[tuple[str, list[float]]]]

    def read(self) -> Objects:
        """The objects; none where the file says that there are none.

        Raises:
            DataError: the file cannot be read, does not have the form, or holds a box without an area.
        """
        try:
            lines = [line.strip() for line in read_text(self.path, "utf-8-sig").splitlines()]
            rows = self.form([line for line in lines if line])
        except OSError as error:
            raise DataError(f"{self.path}: cannot be read ({error.strerror})") from error
        except ValueError as error:
            raise DataError(f"{self.path}: {str(error).splitlines()[0]}") from error
        boxes = np.array([edges for _, edges in rows], np.float32).reshape(-1, 4)
        for number, (left, top, right, bottom) in enumerate(boxes.tolist(), 1):
            if not (np.isfinite([left, top, right, bottom]).all() and left < right and top < bottom):
                raise DataError(f"{self.path}: box {number} is empty ({left:g} {top:g} {right:g} {bottom:g})")
        return Objects(boxes, tuple(name for name, _ in rows))


def counted_faces(lines: list[str]) -> list[tuple[str, list[float]]]:
    """A number, then as many lines ``x1 y1 x2 y2``, each a face."""
    if not lines or not lines[0].isdecimal():
        raise ValueError("the first line is not the number of boxes")
    if int(lines[0]) != len(lines) - 1:
        raise ValueError(f"promises {lines[0]} boxes and holds {len(lines) - 1}")
    return [("face", _numbers(line.split(), line)) for line in lines[1:]]


def bounding_boxes(lines: list[str]) -> list[tuple[str, list[float]]]:
    """Piotr Dollár's bbGt, version 3: a line that says so, then ``class left top width height`` and more words."""
    if not lines or not lines[0].startswith("% bbGt version=3"):
        raise ValueError("does not begin with '% bbGt version=3'")
    found = []
    for line in lines[1:]:
        name, *words = line.split()
        left, top, width, height = _numbers(words[:4], line)
        found.append((name, [left, top, left + width, top + height]))
    return found


def _numbers(words: list[str], line: str) -> list[float]:
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        numbers = []
    if len(numbers) != 4:
        raise ValueError(f"{line!r} does not hold the four numbers of a box")
    return numbers
