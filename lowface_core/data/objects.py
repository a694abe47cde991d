"""What a picture shows where."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Objects(NamedTuple):
    """The objects of a picture.

    Attributes:
        boxes: float32 (N,4), left, top, right and bottom edge in pixels.
        classes: what each shows, such as ``face``.
    """

    boxes: np.ndarray
    classes: tuple[str, ...]
