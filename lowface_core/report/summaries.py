"""Every kind of result in turn: its results grouped by what may be ranked together, their tables and charts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lowface_core.report.charts import Section
from lowface_core.report.inputs import Source, grouped
from lowface_core.report.tables import Table
from lowface_core.runs.known_kinds import known_kinds


def tables(sources: Sequence[Source]) -> list[Table]:
    """Every summary table of the report, in the order of the page."""
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
