"""Sample panels as PNG files that say themselves where each of their pictures is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, PngImagePlugin

from lowface_core.data.depth import to_bytes
from lowface_core.data.images import read_image
from lowface_core.files import write_whole

#: Key of the PNG's text that holds the layout as JSON.
LAYOUT = "lowface-panel"

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class PanelRow:
    """One sample of a panel: its key, and the box (left, top, right, bottom) in pixels of each column's picture."""

    key: str
    boxes: dict[str, Box]


@dataclass(frozen=True)
class Panel:
    """A panel: the whole sheet, its rows (none where the file does not say), the iteration it was drawn at."""

    sheet: Image.Image
    rows: tuple[PanelRow, ...] = ()
    iteration: int | None = None

    def cells(self) -> list[dict[str, Image.Image]]:
        """The pictures by column, a dict per row."""
        return [{name: self.sheet.crop(box) for name, box in row.boxes.items()} for row in self.rows]

    def write(self, path: Path) -> None:
        """Writes the PNG whole or not at all."""
        rows = [{"key": row.key, "boxes": row.boxes} for row in self.rows]
        text = PngImagePlugin.PngInfo()
        text.add_text(LAYOUT, json.dumps({"iteration": self.iteration, "rows": rows}))
        write_whole(path, lambda part: self.sheet.save(part, format="PNG", pnginfo=text))


def read_panel(path: Path) -> Panel:
    """Reads a panel; one that does not say where its pictures are, as earlier versions drew, has no rows.

    Raises:
        DataError: the picture cannot be read.
    """
    sheet = Image.fromarray(to_bytes(read_image(path)).transpose(1, 2, 0))
    digits = path.stem.removeprefix("iter_")
    iteration = int(digits) if digits.isdigit() else None
    try:
        with Image.open(path) as file:
            layout = json.loads(getattr(file, "text", {})[LAYOUT])
        rows = tuple(
            PanelRow(row["key"], {k: _box(v, sheet) for k, v in row["boxes"].items()}) for row in layout["rows"]
        )
        return Panel(sheet, rows, iteration if layout["iteration"] is None else int(layout["iteration"]))
    except (LookupError, TypeError, ValueError, AttributeError):
        return Panel(sheet, iteration=iteration)


def _box(values: list[int], sheet: Image.Image) -> Box:
    left, top, right, bottom = (int(value) for value in values)
    if not (0 <= left < right <= sheet.width and 0 <= top < bottom <= sheet.height):
        raise ValueError(f"{values} is outside the panel")
    return left, top, right, bottom
