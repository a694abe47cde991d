"""A small chart of one number before and after: a line a method, a sign a stage, bars for the intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from lowface_core.report.svg import WIDTH
from lowface_core.report.tables import Cell

LEFT, RIGHT, ROW, TOP, BOTTOM = 14, 14, 62, 6, 26
#: Signs by stage, around the origin, so that stages can be told apart without colour.
SIGNS = {
    "low": '<path d="M0 5.5 5.5-4.5H-5.5Z"/>',
    "enhanced": '<circle r="5"/>',
    "normal": '<path d="M-4.5-4.5H4.5V4.5H-4.5Z"/>',
}

#: Stages are drawn below one another, for they often agree.
SHIFTS = {"low": -7, "enhanced": 5, "normal": 17}


def dots(rows: Sequence[tuple[str, Mapping[str, Cell]]], label: str) -> Markup:
    """Draws shares of one on an axis from 0 to 100 per cent.

    Args:
        rows: method and its cells by stage, all with a value.
        label: what the picture shows, for those who cannot see it.
    """
    height = TOP + ROW * len(rows) + BOTTOM
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(label)}" '
        'xmlns="http://www.w3.org/2000/svg">'
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        x = _place(share)
        parts.append(
            f'<path class="rule" d="M{x:.1f} {TOP}V{height - BOTTOM}"/>'
            f'<text x="{x:.1f}" y="{height - 8}" text-anchor="middle">{share * 100:.0f}</text>'
        )
    for i, (name, cells) in enumerate(rows):
        y = TOP + ROW * i + 36
        shown = name if len(name) <= 48 else f"{name[:47]}…"
        parts.append(f'<text class="label" x="{LEFT + 3}" y="{y - 22}">{escape(shown)}</text>')
        for stage, cell in cells.items():
            at = y + SHIFTS[stage]
            parts.append(f'<g class="sign tone-{stage}">')
            if cell.low is not None and cell.high is not None:
                parts.append(f'<path class="line" d="M{_place(cell.low):.1f} {at}H{_place(cell.high):.1f}"/>')
            parts.append(f'<g transform="translate({_place(cell.value or 0):.1f} {at})">{SIGNS[stage]}</g></g>')
    return Markup("".join(parts) + "</svg>")


def _place(share: float) -> float:
    return LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT)


def marker(stage: str) -> Markup:
    """The sign of a stage, for the legend."""
    return Markup(
        '<svg class="swatch" viewBox="-7 -7 14 14" width="14" height="14" aria-hidden="true">'
        f'<g class="sign tone-{stage}">{SIGNS[stage]}</g></svg>'
    )
