from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from lowface_core.runs.panel_file import LAYOUT, read_sheet


@pytest.mark.parametrize(
    "layout",
    [
        None,
        "{",
        [],
        {"rows": [{"key": "a"}], "iteration": 1},
        {"rows": [{"key": "a", "boxes": {"low": [0, 0, 300, 10]}}], "iteration": 1},
        {"rows": [{"key": "a", "boxes": {"low": [0, 0, 0]}}], "iteration": 1},
    ],
)
def test_a_picture_that_does_not_say_where_its_pictures_are_is_one_picture(tmp_path: Path, layout: Any) -> None:
    path, text = tmp_path / "iter_000020.png", PngImagePlugin.PngInfo()
    if layout is not None:
        text.add_text(LAYOUT, layout if isinstance(layout, str) else json.dumps(layout))
    Image.new("RGB", (200, 100), "navy").save(path, pnginfo=text)
    sheet, layout = read_sheet(path)
    assert (layout.rows, layout.cells(sheet), layout.iteration) == ([], [], 20)
    assert sheet.size == (200, 100)
