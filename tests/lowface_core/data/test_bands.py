"""Large pictures in bands of rows: the same as in one piece."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from lowface_core.data import bands
from lowface_core.data.bands import array_of
from lowface_core.data.picture import read_picture


def test_bands_cover_every_row_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(bands.bands(20, 30)) == [slice(0, 20)]
    monkeypatch.setattr(bands, "BAND", 100)
    assert list(bands.bands(7, 30)) == [slice(0, 3), slice(3, 6), slice(6, 7)]
    assert list(bands.bands(2, 1000)) == [slice(0, 1), slice(1, 2)]


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_values_are_those_of_the_picture(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).integers(0, 256, (23, 17, 3), np.uint8)
    picture = Image.fromarray(values).convert(mode)
    whole = array_of(picture)
    monkeypatch.setattr(bands, "BAND", 50)
    assert np.array_equal(array_of(picture), whole)
    assert np.array_equal(whole, np.asarray(picture))


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_a_picture_is_read_and_stored_alike_in_one_piece_and_in_bands(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = io.BytesIO()
    values = np.random.default_rng(0).integers(0, 256, (23, 17, 4), np.uint8)
    Image.fromarray(values).convert(mode).save(file, "PNG")
    whole = read_picture("a.png", file.getvalue())
    bright = np.minimum(whole.pixels.astype(np.uint16) * 2, 255).astype(np.uint8)
    level, stored = whole.brightness(bright), whole.as_stored(bright, "PNG")[0]
    monkeypatch.setattr(bands, "BAND", 50)
    banded = read_picture("a.png", file.getvalue())
    assert np.array_equal(banded.pixels, whole.pixels)
    assert banded.brightness(bright) == pytest.approx(level, abs=1e-6)
    assert np.array_equal(banded.as_stored(bright, "PNG")[0], stored)
    assert np.array_equal(banded.for_storing().as_stored(bright, "PNG")[0], stored)
    assert banded.for_storing().pixels.size == 0
    assert stored.shape == (len(mode), 23, 17)
