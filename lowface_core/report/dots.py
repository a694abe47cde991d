"""A small chart of one number before and after: a line a method, a sign a stage, bars for the intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from lowface_core.report.rendering import macros
from lowface_core.report.svg import WIDTH
from lowface_core.report.tables import Cell

LEFT, RIGHT, ROW, TOP, BOTTOM = 14, 14, 62, 6, 26
#: Stages are drawn below one another, for they often agree.
SHIFTS = {"low": -7, "enhanced": 5, "normal": 17}


def dots(rows: Sequence[tuple[str, Mapping[str, Cell]]], label: str) -> Markup:
    """Draws shares of one on an axis from 0 to 100 per cent.

    Args:
        rows: method and its cells by stage, all with a value.
        label: what the picture shows, for those who cannot see it.
    """
    height = TOP + ROW * len(rows) + BOTTOM
    frame = {"width": WIDTH, "height": height, "left": LEFT, "top": TOP, "bottom": height - BOTTOM}
    placed = []
    for i, (name, cells) in enumerate(rows):
        y = TOP + ROW * i + 36
        shown = name if len(name) <= 48 else f"{name[:47]}…"
        placed.append((y, shown, [(stage, y + SHIFTS[stage], cell) for stage, cell in cells.items()]))
    drawn: Markup = macros("svg.html.j2").dots(frame, label, place, placed)
    return drawn


def place(share: float) -> float:
    """Where a share lies on the axis; shares beyond it lie at its end."""
    return LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT)
