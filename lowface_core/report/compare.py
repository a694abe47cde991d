"""Several results side by side, as text or plain data; ``lowface report`` shows the same tables with pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lowface_core.report.inputs import load
from lowface_core.report.summaries import tables as summary_tables
from lowface_core.report.tables import BEST, SECOND, Table

MARKS = {BEST: "*", SECOND: "+"}


def compare(folders: Sequence[Path]) -> list[Table]:
    """Tables of several results or training runs: a table per data set, rows by stage, best and second best marked.

    Raises:
        DataError: a folder holds no result.
        ConfigError: columns of one name are different metrics or variants; both are named.
    """
    return summary_tables(load(folders))


def plain(tables: Sequence[Table]) -> list[dict[str, Any]]:
    """The tables as plain data: caption, columns, and a row for each stage and method with numbers and marks."""
    return [
        {
            "caption": table.caption,
            "columns": [
                {"name": c.key, "better": c.better, "variant": c.variant, "unit": c.unit} for c in table.columns
            ],
            "rows": [
                {
                    "stage": stage,
                    "method": row.method,
                    "numbers": {c.key: cell.value for c, cell in zip(table.columns, row.cells, strict=True)},
                    "marks": {c.key: cell.mark for c, cell in zip(table.columns, row.cells, strict=True) if cell.mark},
                }
                for stage, rows in table.groups
                for row in rows
            ],
        }
        for table in tables
    ]


def text(tables: Sequence[Table]) -> str:
    """The tables as aligned text; ``*`` marks the best of a stage, ``+`` the second best."""
    return "\n\n".join(_text(table) for table in tables)


def _text(table: Table) -> str:
    head = [("", "", *(f"{c.label} {c.arrow}".strip() for c in table.columns))]
    details = ("", "", *(c.detail for c in table.columns))
    head += [details] if any(details) else []
    body = [
        (stage, row.method, *(f"{cell.text}{MARKS.get(cell.mark, '')}" for cell in row.cells))
        for stage, rows in table.groups
        for row in rows
    ]
    widths = [max(len(line[i]) for line in [*head, *body]) for i in range(len(head[0]))]
    lines = [
        "  ".join(f"{word:<{width}}" if i < 2 else f"{word:>{width}}" for i, (word, width) in enumerate(cells)).rstrip()
        for cells in (list(zip(line, widths, strict=True)) for line in [*head, *body])
    ]
    legend = [f"{MARKS[mark]} {mark}" for mark in MARKS if mark in table.marked]
    return "\n".join([table.caption, *lines, *([", ".join(legend) + " of a stage"] if legend else [])])
