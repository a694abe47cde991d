"""Tables as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: Stands for a number that there is not.
ABSENT = "–"


def aligned(header: Sequence[str], rows: Mapping[str, Sequence[str]]) -> list[str]:
    """A table: stages down, columns across, as wide as they need be; without columns in which nothing stands."""
    full = [place for place in range(len(header)) if any(cells[place] not in ("", ABSENT) for cells in rows.values())]
    table = {"": [header[place] for place in full]}
    table |= {name: [cells[place] for place in full] for name, cells in rows.items()}
    widths = [max(map(len, cells)) for cells in zip(*table.values(), strict=True)]
    first = max(map(len, table))
    lines = []
    for name, cells in table.items():
        padded = (f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        lines.append("  ".join([f"{name:<{first}}", *padded]).rstrip())
    return lines


def table_text(
    table: Mapping[str, Mapping[str, float | None]], columns: Mapping[str, Mapping[str, Any]] | None = None
) -> str:
    """The table of an evaluation: a line per stage, a column per number.

    Args:
        columns: from the result; adds a line with the direction, the variant and the unit of each.
    """
    names = list(dict.fromkeys(column for row in table.values() for column in row))
    details = [_detail((columns or {}).get(name, {})) for name in names]
    rows = {" ": details} if any(details) else {}
    for stage, row in table.items():
        if row:
            rows[stage] = [f"{row[n]:.4f}" if row.get(n) is not None else ABSENT for n in names]
    return "\n".join(aligned(names, rows))


def _detail(column: Mapping[str, Any]) -> str:
    """``↑ rgb, dB``: direction, variant and unit."""
    arrow = {"higher": "↑", "lower": "↓"}.get(column.get("better", ""), "")
    words = ", ".join(str(column[key]) for key in ("variant", "unit") if column.get(key))
    return f"{arrow} {words}".strip()
