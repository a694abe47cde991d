"""Tables of a report, free of any output format: cells with intervals, the best and second best of a stage marked."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lowface_core.runs.results import STAGES

if TYPE_CHECKING:
    from lowface_core.report.inputs import Source

BEST, SECOND = "best", "second"
ALL = "all methods"
#: Stages that no method changes, as headings; a stage's own name is first, for it is what results and commands use.
HEADINGS = {"low": "low (input)", "normal": "normal (reference)"}


@dataclass(frozen=True)
class Column:
    """A column. ``better`` is ``higher``, ``lower``, or empty (not ranked); ``percent`` shows shares as per cent."""

    key: str
    label: str
    better: str = ""
    variant: str = ""
    unit: str = ""
    source: str = ""
    percent: bool = False

    @classmethod
    def of(cls, key: str, facts: Mapping[str, Any]) -> Column:
        """The column of an evaluation; ``facts`` are its entry in the result's ``columns``, empty when unknown."""
        better, variant, unit, source = (str(facts.get(name) or "") for name in ("better", "variant", "unit", "source"))
        return cls(key, key, better, variant, unit, source)

    @property
    def arrow(self) -> str:
        """Direction of improvement as a sign."""
        return {"higher": "↑", "lower": "↓"}.get(self.better, "")

    @property
    def detail(self) -> str:
        """Variant and unit, for the second line of a heading."""
        return ", ".join(part for part in (self.variant, self.unit or "%" if self.percent else self.unit) if part)

    @property
    def heading(self) -> str:
        """Label, direction and detail in one line."""
        words = f"{self.label} {self.arrow}".rstrip()
        return f"{words} ({self.detail})" if self.detail and self.unit != "count" else words


@dataclass(frozen=True)
class Cell:
    """A number as measured, and as shown: ``text``, ``interval`` (``[low, high]``, 95 %), ``mark`` (best, second)."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    std: float | None = None
    note: str = ""
    text: str = "–"
    interval: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Row:
    """One method's cells."""

    method: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """A table: row groups, each named (usually a stage) and ranked for itself."""

    id: str
    caption: str
    columns: tuple[Column, ...]
    groups: tuple[tuple[str, tuple[Row, ...]], ...]
    notes: tuple[str, ...] = ()

    def heading(self, group: str) -> str:
        """A row group's name for readers."""
        return HEADINGS.get(group, group)

    @property
    def marked(self) -> set[str]:
        """Marks that occur, for the legend."""
        return {cell.mark for _, rows in self.groups for row in rows for cell in row.cells} - {""}

    @property
    def footnotes(self) -> dict[str, str]:
        """Letter of each different note of the cells, in the order of the table."""
        notes = dict.fromkeys(c.note for _, rows in self.groups for row in rows for c in row.cells if c.note)
        return {note: chr(ord("a") + i) if i < 26 else str(i) for i, note in enumerate(notes)}


def number(value: Any) -> float | None:
    """A finite float, or None."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    return None


def cell(content: Any, note: str | None = None) -> Cell:
    """A cell of a plain number, or of ``{"value", "low", "high", "std"}``."""
    if isinstance(content, Mapping):
        value, low, high, std = (number(content.get(k)) for k in ("value", "low", "high", "std"))
        return Cell(value, low, high, std, str(note or content.get("note") or ""))
    return Cell(number(content), note=str(note or ""))


def stage_rows(
    sources: Sequence[Source], key: str, cells: Callable[[Mapping[str, Any]], Sequence[Cell]]
) -> list[tuple[str, list[tuple[str, Sequence[Cell]]]]]:
    """Rows of all methods by stage, for :func:`make`; a stage that nobody has is left out.

    Args:
        key: where a result keeps its numbers by stage.
        cells: makes a row's cells of what the result holds for a stage.
    """
    stages = []
    for stage in STAGES:
        rows = [(s.name, cells(s.content[key][stage])) for s in sources if s.content[key].get(stage)]
        stages += [(stage, rows)] if rows else []
    return stages


def make(
    id: str,
    caption: str,
    columns: Sequence[Column],
    stages: Iterable[tuple[str, Sequence[tuple[str, Sequence[Cell]]]]],
    notes: Iterable[str] = (),
) -> Table:
    """Formats and ranks; where all methods show the same in a stage that none of them changes, one row stands for all.

    Args:
        columns: what the cells of a row are.
        stages: (stage, rows of method and cells).
    """
    stages = [(stage, list(rows)) for stage, rows in stages]
    every = [[cells[i] for _, rows in stages for _, cells in rows] for i in range(len(columns))]
    digits = [_digits(column, cells) for column, cells in zip(columns, every, strict=True)]
    groups = []
    for stage, rows in stages:
        shown = [
            Row(method, tuple(_shown(c, col, d) for c, col, d in zip(cells, columns, digits, strict=True)))
            for method, cells in rows
        ]
        shown = _merged(shown) if stage in HEADINGS else shown
        marks = zip(*(_marks([row.cells[i] for row in shown], column) for i, column in enumerate(columns)), strict=True)
        groups.append((stage, tuple(_marked(row, own) for row, own in zip(shown, marks, strict=True))))
    return Table(id, caption, tuple(columns), tuple(groups), tuple(notes))


def _digits(column: Column, cells: Sequence[Cell]) -> int:
    largest = max((abs(c.value) for c in cells if c.value is not None), default=0.0)
    if all(c.value is None or (c.value == int(c.value) and c.low is None) for c in cells) and column.unit == "count":
        return 0
    if column.percent:
        return 1
    return 1 if largest >= 100 else 2 if largest >= 10 or column.unit == "dB" else 3 if largest >= 1 else 4


def _shown(cell: Cell, column: Column, digits: int) -> Cell:
    def text(value: float) -> str:
        return f"{value * (100 if column.percent else 1):.{digits}f}"

    if cell.value is None:
        return cell
    spread = f" ± {text(cell.std)}" if cell.std is not None else ""
    bounds = f"[{text(cell.low)}, {text(cell.high)}]" if cell.low is not None and cell.high is not None else ""
    return replace(cell, text=text(cell.value) + spread, interval=bounds)


def _merged(rows: list[Row]) -> list[Row]:
    """One row when no two differ in what they show; a dash differs from nothing."""
    if len(rows) < 2:
        return rows
    merged = []
    for cells in zip(*(row.cells for row in rows), strict=True):
        known = [c for c in cells if c.value is not None]
        if len({(c.text, c.interval) for c in known}) > 1:
            return rows
        merged.append(known[0] if known else cells[0])
    return [Row(ALL, tuple(merged))]


def _marks(cells: Sequence[Cell], column: Column) -> list[str]:
    """Marks the best of a column from two methods on, the second best from three on; equal as shown is equal."""
    texts = [c.text.split(" ±")[0] for c in cells]
    known = [text for c, text in zip(cells, texts, strict=True) if c.value is not None]
    order = sorted(dict.fromkeys(known), key=float, reverse=column.better == "higher")
    if not column.better or len(order) < 2:
        return [""] * len(cells)
    marks = dict(zip(order, (BEST, SECOND) if len(known) > 2 else (BEST,), strict=False))
    return [marks.get(text, "") for text in texts]


def _marked(row: Row, marks: Sequence[str]) -> Row:
    return replace(row, cells=tuple(replace(c, mark=mark) for c, mark in zip(row.cells, marks, strict=True)))
