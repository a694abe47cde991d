"""Sample panels: fixed pictures, a row each: low, enhanced, illumination, normal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from PIL import Image, ImageDraw
from torch import nn

from lowface_core.data.batches import collate, to_device
from lowface_core.inference import outputs_of
from lowface_core.runs.panel_file import Layout, PanelRow, write_sheet
from lowface_core.runs.thumbnails import shrunk, spread

COLUMNS = ("low", "enhanced", "illumination", "normal")
MARGIN, HEADER = 4, 16


def fixed_samples(dataset: Any, count: int) -> list[dict[str, Any]]:
    """Evenly spread samples of a data set, the same ones every time."""
    return [dataset[place] for place in sorted(spread(len(dataset), count))]


@torch.no_grad()
def panel(enhancer: nn.Module, samples: list[dict[str, Any]], device: torch.device) -> tuple[Image.Image, Layout]:
    """Draws the panel.

    Args:
        samples: from :func:`fixed_samples`; they may differ in size.

    Returns:
        A sheet with a header that names the columns, and where its pictures are; columns nobody supplies are left out.
    """
    was_training = enhancer.training
    enhancer.eval()
    rows = []
    for sample in samples:
        batch = to_device(collate([sample]), device)
        rows.append({**batch, **outputs_of(enhancer, batch["low"], batch.get("key") or ())})
    enhancer.train(was_training)
    columns = [c for c in COLUMNS if c in rows[0]]
    cells = [[shrunk(row[c][0]) for c in columns] for row in rows]
    width = max(cell.width for row in cells for cell in row) + MARGIN
    heights = [max(cell.height for cell in row) + MARGIN for row in cells]
    sheet = Image.new("RGB", (width * len(columns) + MARGIN, sum(heights) + HEADER + MARGIN), "white")
    draw = ImageDraw.Draw(sheet)
    for x, name in enumerate(columns):
        draw.text((MARGIN + x * width, 2), name, fill="black")
    top, layout = HEADER + MARGIN, Layout()
    for sample, row, height in zip(samples, cells, heights, strict=True):
        boxes = {}
        for x, (name, cell) in enumerate(zip(columns, row, strict=True)):
            left = MARGIN + x * width
            sheet.paste(cell, (left, top))
            boxes[name] = (left, top, left + cell.width, top + cell.height)
        layout.rows.append(PanelRow(key=str(sample.get("key", "")), boxes=boxes))
        top += height
    return sheet, layout


def write_panel(
    path: Path, enhancer: nn.Module, samples: list[dict[str, Any]], device: torch.device, iteration: int | None = None
) -> None:
    """Draws the panel into a PNG file, which says where its pictures are and at which iteration it was drawn."""
    sheet, layout = panel(enhancer, samples, device)
    write_sheet(path, sheet, layout.model_copy(update={"iteration": iteration}))
