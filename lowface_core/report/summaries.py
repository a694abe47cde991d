"""Every kind of result in turn: its results grouped by what may be ranked together, their tables and charts.

The tables are also text for a terminal, or plain data; the page shows the same ones with pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from lowface_core.evaluation.text_table import aligned
from lowface_core.report.charts import Section
from lowface_core.report.inputs import Source, grouped
from lowface_core.report.tables import BEST, SECOND, Table
from lowface_core.runs.results import known_kinds

MARKS = {BEST: "*", SECOND: "+"}


def tables(sources: Sequence[Source]) -> list[Table]:
    """Every summary table, in the order of the page: one per data set, rows by stage, best and second best marked."""
    made = []
    for groups in _kinds(sources):
        for place, members in enumerate(groups, 1):
            made += [_named(table, place, len(groups), members) for table in members[0].report.tables(members)]
    return made


def charts(sources: Sequence[Source]) -> list[Section]:
    """The charts of each kind of result that has any."""
    names = [source.name for source in sources]
    sections = []
    for groups in _kinds(sources):
        report = groups[0][0].report
        drawn = [chart for members in groups for chart in report.charts(members, names)]
        sections += [Section(report.heading, charts=drawn)] if drawn else []
    return sections


def _kinds(sources: Sequence[Source]) -> Iterator[list[list[Source]]]:
    """For each kind of result with numbers, the core's first: groups of sources that may be ranked together."""
    order = [kind.name for kind in known_kinds().components("result")]
    kinds = grouped(sources, lambda source: source.family)
    for members in sorted(kinds, key=lambda m: order.index(m[0].family) if m[0].family in order else len(order)):
        shown = [source for source in members if source.report.has_numbers(source.content)]
        if shown:
            yield grouped(shown, lambda source: source.report.condition(source.content))


def _named(table: Table, place: int, total: int, members: Sequence[Source]) -> Table:
    """The table with an identifier and a caption that tell data sets apart."""
    count = members[0].content.get("pictures")
    about = (f"data set {place} of {total}" if total > 1 else "", f"{count} pictures" if count else "")
    detail = ", ".join(filter(None, about))
    return replace(
        table,
        id=table.id if place == 1 else f"{table.id}-{place}",
        caption=f"{table.caption} ({detail})" if detail else table.caption,
    )


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
