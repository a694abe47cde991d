"""Several results side by side, as text or plain data; ``lowface report`` shows the same tables with pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lowface_core.evaluation.text_table import aligned
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
    """The tables as aligned text without empty columns; ``*`` marks the best of a stage, ``+`` the second best."""
    return "\n\n".join(_text(table) for table in tables)


def _text(table: Table) -> str:
    rows = [(stage, row) for stage, group in table.groups for row in group]
    width = max(len(stage) for stage, _ in rows)
    lines = {
        f"{stage:{width}}  {row.method}": [f"{c.text}{MARKS.get(c.mark, '')} {c.interval}".rstrip() for c in row.cells]
        for stage, row in rows
    }
    notes = (
        f"{c.label}: {note}" for i, c in enumerate(table.columns) for _, row in rows if (note := row.cells[i].note)
    )
    marks = ", ".join(f"{sign} {mark}" for mark, sign in MARKS.items() if mark in table.marked)
    head = [column.heading for column in table.columns]
    legend = [f"{marks} of a stage"] if marks else []
    return "\n".join([table.caption, *aligned(head, lines), *dict.fromkeys(notes), *table.notes, *legend])
