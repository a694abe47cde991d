"""The report's templates, and its charts as small inline SVG: they follow the page's colours and print sharply."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from lowface_core.report.tables import Cell


@cache
def template(name: str, **options: Any) -> Template:
    """A template of ``templates/``; what is put into an HTML one is escaped.

    Args:
        options: of jinja's environment, beside the project's.
    """
    environment = Environment(
        loader=PackageLoader("lowface_core.report"),
        autoescape=".html" in name,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )
    return environment.get_template(name)


def macros(name: str) -> Any:
    """The macros of a template, to be called as attributes; they return markup."""
    return template(name).module


WIDTH, HEIGHT = 400, 250
LEFT, RIGHT, TOP, BOTTOM = 56, 14, 28, 42
#: Of dots: margin at the sides, height of a method, and of the stages in it, one below the other for they often agree.
SIDE, ROW, SHIFTS = 14, 62, {"low": -7, "enhanced": 5, "normal": 17}
#: Dashes by stage, so that stages can be told apart without colour.
DASHES = {"low": "2 4", "normal": "9 4"}
#: Colours there are for methods; those beyond get the same colours again, with dashes of their own.
TONES, AGAIN = 8, "12 4 2 4"
#: (x, y); y is None where the line is broken.
Points = tuple[tuple[float, float | None], ...]


@dataclass(frozen=True)
class Series:
    """A line.

    ``tone`` picks the colour (``low``, ``enhanced``, ``normal``, or ``m0``, ``m1``… by method), ``stage`` the dashes.
    """

    name: str
    points: Points
    tone: str = "m0"
    stage: str = ""

    @property
    def look(self) -> tuple[str, str]:
        """Colour class, and dashes if any."""
        method = int(self.tone[1:]) if re.fullmatch(r"m\d+", self.tone) else None
        tone = self.tone if method is None else f"m{method % TONES}"
        dashes = DASHES.get(self.stage) or (AGAIN if (method or 0) >= TONES else "")
        return f"tone-{tone}", dashes

    @property
    def defined(self) -> list[tuple[float, float]]:
        """Points that have a value."""
        return [(x, y) for x, y in self.points if y is not None and math.isfinite(y)]


def chart(
    series: Sequence[Series],
    x_label: str,
    y_label: str,
    log_x: bool = False,
    y_range: tuple[float, float] | None = None,
    x_range: tuple[float, float] | None = None,
    label: str = "",
) -> Markup:
    """Draws lines with axes.

    Args:
        log_x: logarithmic x axis; points with x ≤ 0 are left out.
        y_range, x_range: fixed axes; None: as the points need them.
        label: what the picture shows, for those who cannot see it.
    """
    usable = [[(x, y) for x, y in s.defined if not log_x or x > 0] for s in series]
    xs = list(x_range or [x for points in usable for x, _ in points] or [1.0])
    ys = [y for points in usable for _, y in points] or [0.0]
    x_ticks = log_ticks(min(xs), max(xs)) if log_x else ticks(min(xs), max(xs), 5)
    y_ticks = ticks(*(y_range or (min(ys), max(ys))), 5)
    x_low, x_high = (x_ticks[0], x_ticks[-1]) if log_x else (min(xs), max(xs))
    y_low, y_high = y_range or (y_ticks[0], y_ticks[-1])

    def place_x(x: float) -> float:
        a, b, c = (math.log10(v) for v in (x, x_low, x_high)) if log_x else (x, x_low, x_high)
        return LEFT + (a - b) / ((c - b) or 1) * (WIDTH - LEFT - RIGHT)

    def place_y(y: float) -> float:
        return HEIGHT - BOTTOM - (y - y_low) / ((y_high - y_low) or 1) * (HEIGHT - TOP - BOTTOM)

    draw = macros("svg.html.j2")
    frame = {"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": WIDTH - RIGHT, "bottom": HEIGHT - BOTTOM}
    y_marks = [(place_y(y), short(y, y_ticks)) for y in y_ticks if y_low <= y <= y_high + 1e-12]
    x_marks = [
        (place_x(x), draw.power(round(math.log10(x))) if log_x else short(x, x_ticks))
        for x in x_ticks
        if x_low <= x <= x_high * (1 + 1e-12)
    ]
    lines = [_line(one, log_x, place_x, place_y) for one in series]
    picture: Markup = draw.chart(frame, label, x_label, y_label, x_marks, y_marks, lines)
    return picture


def _line(
    one: Series, log_x: bool, place_x: Callable[[float], float], place_y: Callable[[float], float]
) -> tuple[tuple[str, str], str, list[list[str]]]:
    """Look, path and dots of a line."""
    pieces: list[list[str]] = [[]]
    for x, y in one.points:
        if y is None or not math.isfinite(y) or (log_x and x <= 0):
            pieces.append([])
        else:
            pieces[-1].append(f"{place_x(x):.1f} {place_y(y):.1f}")
    path = "".join("M" + "L".join(piece) for piece in pieces if len(piece) > 1)
    few = sum(map(len, pieces)) <= 12
    return one.look, path, [p.split() for piece in pieces for p in piece if few or len(piece) == 1]


def ticks(low: float, high: float, count: int) -> list[float]:
    """About ``count`` round numbers whose span holds ``low`` and ``high``."""
    if high <= low:
        low, high = low - abs(low) / 10, high + (abs(high) / 10 or 1.0)
    rough = (high - low) / max(count - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(s * power for s in (1, 2, 2.5, 5, 10) if s * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Powers of ten around the span."""
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    return [10.0**i for i in range(first, max(last, first + 1) + 1)]


def short(value: float, beside: Sequence[float] = ()) -> str:
    """A tick's text: no more digits than the ticks beside it need; thousands as k."""
    largest = max((abs(v) for v in beside), default=abs(value))
    if largest >= 10000:
        return f"{value / 1000:g}k"
    if 0 < largest < 0.01:
        return f"{value:.2g}" if value == 0 else f"{value:.1e}".replace(".0e", "e").replace("e-0", "e−")
    digits = next(d for d in range(7) if d == 6 or all(abs(v - round(v, d)) < 1e-9 for v in beside))
    return f"{value:.{digits}f}"


def dots(rows: Sequence[tuple[str, Mapping[str, Cell]]], label: str) -> Markup:
    """One number before and after, a share of one, on an axis to 100 per cent: a line a method, a sign a stage.

    Args:
        rows: method and its cells by stage, all with a value.
        label: what the picture shows, for those who cannot see it.
    """
    bottom, placed = 6 + ROW * len(rows), []
    frame = {"width": WIDTH, "height": bottom + 26, "left": SIDE, "top": 6, "bottom": bottom}
    for y, (name, cells) in zip(range(42, bottom, ROW), rows, strict=True):
        shown = name if len(name) <= 48 else f"{name[:47]}…"
        placed.append((y, shown, [(stage, y + SHIFTS[stage], cell) for stage, cell in cells.items()]))
    drawn: Markup = macros("svg.html.j2").dots(frame, label, place, placed)
    return drawn


def place(share: float) -> float:
    """Where a share lies on the axis; shares beyond it lie at its end."""
    return SIDE + min(max(share, 0.0), 1.0) * (WIDTH - 2 * SIDE)
