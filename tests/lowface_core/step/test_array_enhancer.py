"""Files that a runtime of arrays computes, used without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowface_core.errors import LowfaceError, NonFiniteError
from lowface_core.step.array_enhancer import ArrayEnhancer, array_enhancer


def blurred(low: np.ndarray) -> np.ndarray:
    """Twice the mean of three pixels in a row, at the border of two."""
    padded = np.pad(low, ((0, 0), (0, 0), (0, 0), (1, 1)))
    count = np.pad(np.ones_like(low), ((0, 0), (0, 0), (0, 0), (1, 1)))
    total, counted = (x[..., :-2] + x[..., 1:-1] + x[..., 2:] for x in (padded, count))
    return (2 * total / counted).astype(np.float32)


class Computing:
    def __init__(self, answer: Any, radius: int | None = None) -> None:
        self.answer, self.receptive_radius, self.shapes = answer, radius, list[tuple[int, ...]]()

    def __call__(self, low: np.ndarray) -> np.ndarray:
        self.shapes.append(low.shape)
        return self.answer(low)


def pixels(height: int, width: int, dtype: Any = np.uint8) -> np.ndarray:
    top = 1 if np.dtype(dtype).kind == "f" else np.iinfo(dtype).max
    return (np.random.default_rng(0).random((3, height, width)) * top).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_tiles_give_the_whole(dtype: Any) -> None:
    picture = pixels(70, 45, dtype)
    whole = ArrayEnhancer(Computing(blurred, None), "m").pixels(picture, "p")
    pieces = Computing(blurred, 1)
    assert np.array_equal(ArrayEnhancer(pieces, "m", tile=32).pixels(picture, "p"), whole)
    assert pieces.shapes == [(1, 3, r, c) for r in (33, 34, 7) for c in (33, 14)]
    assert whole.dtype == dtype
    assert whole.max() == (1 if dtype is np.float32 else np.iinfo(dtype).max)


def test_a_small_picture_stays_whole() -> None:
    whole = Computing(blurred, 1)
    ArrayEnhancer(whole, "m", tile=32).pixels(pixels(32, 20), "p")
    assert whole.shapes == [(1, 3, 32, 20)]


def test_an_answer_that_cannot_be_used_is_refused() -> None:
    with pytest.raises(NonFiniteError, match=r"p\.png: m\.onnx answers with pixels that are infinite"):
        ArrayEnhancer(Computing(lambda low: low / 0), "m.onnx").pixels(pixels(4, 4) | 1, "p.png")
    with pytest.raises(LowfaceError, match=r"m\.onnx: answers with \(1, 3, 2, 4\) for a picture of \(1, 3, 4, 4\)"):
        ArrayEnhancer(Computing(lambda low: low[:, :, :2]), "m.onnx").pixels(pixels(4, 4), "p.png")


def test_only_what_a_plugin_opens_so(tmp_path: Path) -> None:
    (tmp_path / "run.pth").write_bytes(b"x")
    assert array_enhancer(str(tmp_path / "run.pth"), "cpu") is None
    assert array_enhancer(str(tmp_path / "missing.onnx"), "cpu") is None
    assert array_enhancer("gain", "cpu") is None
