"""How large pictures are cut."""

from __future__ import annotations

import numpy as np

from lowface_core.step.tiles import tiles


def test_every_pixel_is_in_one_tile_and_sees_its_surroundings() -> None:
    picture = np.arange(37 * 23).reshape(37, 23)
    out, times = np.zeros_like(picture), np.zeros_like(picture)
    for tile in tiles(37, 23, 10, 3):
        shown = picture[tile.window]
        assert max(shown.shape) <= 16
        out[tile.place] = shown[tile.inner]
        times[tile.place] += 1
        rows, columns = tile.place[1:]
        assert tile.window[1] == slice(max(rows.start - 3, 0), min(rows.stop + 3, 37))
        assert tile.window[2] == slice(max(columns.start - 3, 0), min(columns.stop + 3, 23))
    assert (times == 1).all()
    assert np.array_equal(out, picture)
