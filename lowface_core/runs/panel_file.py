"""Sample panels as PNG files that say themselves where each of their pictures is."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, PngImagePlugin
from pydantic import BaseModel, ValidationError

from lowface_core.data.depth import to_bytes
from lowface_core.data.images import read_image
from lowface_core.files import write_whole

#: Key of the PNG's text that holds the layout as JSON.
LAYOUT = "lowface-panel"


class PanelRow(BaseModel):
    """One sample of a panel: its key, and the box (left, top, right, bottom) in pixels of each column's picture."""

    key: str
    boxes: dict[str, tuple[int, int, int, int]]


class Layout(BaseModel):
    """Where the pictures of a panel are (no rows where the file does not say), and the iteration it was drawn at."""

    rows: list[PanelRow] = []
    iteration: int | None = None

    def cells(self, sheet: Image.Image) -> list[dict[str, Image.Image]]:
        """The pictures by column, a dict per row."""
        return [{name: sheet.crop(box) for name, box in row.boxes.items()} for row in self.rows]


def write_sheet(path: Path, sheet: Image.Image, layout: Layout) -> None:
    """Writes the PNG whole or not at all."""
    text = PngImagePlugin.PngInfo()
    text.add_text(LAYOUT, layout.model_dump_json())
    write_whole(path, lambda part: sheet.save(part, format="PNG", pnginfo=text))


def read_sheet(path: Path) -> tuple[Image.Image, Layout]:
    """Reads a panel; one that does not say where its pictures are, as earlier versions drew, has no rows.

    Raises:
        DataError: the picture cannot be read.
    """
    sheet = Image.fromarray(to_bytes(read_image(path)).transpose(1, 2, 0))
    with Image.open(path) as file:
        text = getattr(file, "text", {}).get(LAYOUT, "{}")
    try:
        layout = Layout.model_validate_json(text)
    except ValidationError:
        layout = Layout()
    boxes = (box for row in layout.rows for box in row.boxes.values())
    if not all(0 <= x < right <= sheet.width and 0 <= y < bottom <= sheet.height for x, y, right, bottom in boxes):
        layout = Layout()
    digits = path.stem.removeprefix("iter_")
    if layout.iteration is None and digits.isdigit():
        layout.iteration = int(digits)
    return sheet, layout
