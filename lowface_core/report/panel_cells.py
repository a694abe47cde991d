"""Taking a training run's sample panel apart, so that its pictures stand in the report like any others."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from PIL import Image, ImageDraw

#: How ``lowface_core.train.sample_panel`` draws a panel (imported from there it would bring torch along).
COLUMNS = ("low", "enhanced", "illumination", "normal")
MARGIN, HEADER = 4, 16


def columns_of(sheet: Image.Image) -> tuple[str, ...]:
    """The columns of a panel, read from its header; empty when it is not one of ours."""
    for count in range(len(COLUMNS), 0, -1):
        width, rest = divmod(sheet.width - MARGIN, count)
        if rest or width <= MARGIN:
            continue
        for names in combinations(COLUMNS, count):
            header = Image.new("RGB", (sheet.width, HEADER), "white")
            draw = ImageDraw.Draw(header)
            for i, name in enumerate(names):
                draw.text((MARGIN + i * width, 2), name, fill="black")
            if np.array_equal(np.asarray(header), np.asarray(sheet.convert("RGB"))[:HEADER]):
                return names
    return ()


def cells_of(sheet: Image.Image) -> list[dict[str, Image.Image]]:
    """The pictures of a panel, a dict per row; empty when the panel is not one of ours."""
    names = columns_of(sheet)
    if not names:
        return []
    width = (sheet.width - MARGIN) // len(names)
    white = (np.asarray(sheet.convert("RGB")) == 255).all(axis=(1, 2))
    rows, top = [], HEADER + MARGIN
    for y in range(HEADER + MARGIN, sheet.height - MARGIN + 1):
        if white[y : y + MARGIN].all() and y > top:
            box = {n: (MARGIN + i * width, top, i * width + width, y) for i, n in enumerate(names)}
            rows.append({name: _trimmed(sheet.crop(place)) for name, place in box.items()})
            top = y + MARGIN
        elif white[y] and y == top:
            top = y + 1
    return rows


def _trimmed(cell: Image.Image) -> Image.Image:
    """Without the white that fills a cell beside a picture smaller than the column."""
    told = (np.asarray(cell.convert("RGB")) != 255).any(axis=2)
    ys, xs = np.flatnonzero(told.any(axis=1)), np.flatnonzero(told.any(axis=0))
    return cell.crop((0, 0, int(xs[-1]) + 1, int(ys[-1]) + 1)) if len(xs) else cell
