"""What an exported file looks like from outside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lowface_core.errors import LowfaceError, WeightsError

#: Names in every exported file, and the key of its facts.
INPUT, OUTPUT, FACTS = "low", "enhanced", "lowface"
COLOURS = 3
Run = Callable[[np.ndarray], np.ndarray]


def computed(run: Run, low: np.ndarray, path: Path) -> np.ndarray:
    """What a runtime makes of pictures float32 (B,3,H,W): the same.

    Raises:
        LowfaceError: it refuses them, for their size for instance.
    """
    try:
        return run(low)
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        raise LowfaceError(f"{path}: cannot compute a picture of {tuple(low.shape)} ({reason})") from error


def check_shapes(path: Path, inputs: list[Any], outputs: list[Any]) -> None:
    """A file takes one picture and gives one.

    Args:
        inputs, outputs: shape of each, None or a text where a side is free.

    Raises:
        WeightsError: it is otherwise; says what the file takes and gives.
    """
    for shapes in (inputs, outputs):
        if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][1] not in (None, COLOURS):
            takes = f"takes {inputs} and gives {outputs}"
            raise WeightsError(f"{path}: {takes}; an enhancer takes and gives RGB pictures, [batch, 3, height, width]")
