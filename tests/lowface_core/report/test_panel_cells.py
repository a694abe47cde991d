from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lowface_core.report import panel_cells as panels
from lowface_core.train import sample_panel as drawn

COLUMNS = [
    ("low", "enhanced", "illumination", "normal"),
    ("low", "enhanced", "illumination"),
    ("low", "enhanced", "normal"),
    ("low", "enhanced"),
]


def test_the_layout_is_the_trainers() -> None:
    assert (panels.COLUMNS, panels.MARGIN, panels.HEADER) == (drawn.COLUMNS, drawn.MARGIN, drawn.HEADER)


@pytest.mark.parametrize("columns", COLUMNS)
def test_a_panel_is_taken_apart(tmp_path: Path, draw_panel: Callable[..., None], columns: tuple[str, ...]) -> None:
    draw_panel(tmp_path / "p.png", columns, rows=3)
    sheet = Image.open(tmp_path / "p.png")
    assert panels.columns_of(sheet) == columns
    rows = panels.cells_of(sheet)
    assert [tuple(row) for row in rows] == [columns] * 3
    assert {cell.size for row in rows for cell in row.values()} == {(96, 96)}
    low, enhanced = (np.asarray(rows[1][name], dtype=float) for name in ("low", "enhanced"))
    assert enhanced.mean() > 2 * low.mean()


def test_any_other_picture_has_no_columns() -> None:
    for size in ((404, 416), (100, 10), (3, 3)):
        other = Image.new("RGB", size, "white")
        assert panels.columns_of(other) == ()
        assert panels.cells_of(other) == []
