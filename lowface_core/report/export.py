"""The tables as Markdown, CSV and LaTeX."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from lowface_core.report.svg import template
from lowface_core.report.tables import BEST, SECOND, Table

SUFFIXES = {"md": ".md", "csv": ".csv", "latex": ".tex"}
NUMBERS = ("value", "low", "high", "std")
LEGEND = {BEST: "best of a stage bold", SECOND: "second best of a stage underlined"}
_LATEX = {
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    '"': r"\textquotedbl{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "–": "--",
    "−": "$-$",
    "×": r"$\times$",
    "→": r"$\rightarrow$",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "±": r"$\pm$",
}
#: Signs that Markdown or the HTML inside it would act on.
_MARKDOWN = set("\\`*_[]<>|~&$")


def export(tables: Sequence[Table], kind: str, title: str) -> str:
    """All tables in one text.

    Args:
        kind: ``csv``, see :func:`comma_separated`; ``md``, tables of GitHub's Markdown, or ``latex``, floats with
            booktabs rules that need ``\\usepackage{booktabs}``: best bold, second best underlined.
    """
    if kind == "csv":
        return comma_separated(tables)
    brackets = {"variable_start_string": "<<", "variable_end_string": ">>"}
    page = template(f"tables{SUFFIXES[kind]}.j2", **(brackets if kind == "latex" else {}))
    words = {"md": _md, "tex": _tex, "number": lambda text: _tex(text.replace("-", "−"))}
    return page.render(tables=tables, title=title, notes=_notes, **words)


def comma_separated(tables: Sequence[Table]) -> str:
    """One line a number, unrounded, so that other programs can pivot it as they like."""
    file = io.StringIO()
    write = csv.writer(file, lineterminator="\n").writerow
    write(["table", "stage", "method", "column", "variant", "unit", "better", *NUMBERS, "mark", "note"])
    for table in tables:
        for stage, rows in table.groups:
            for row in rows:
                for column, c in zip(table.columns, row.cells, strict=True):
                    unit = "" if column.percent or column.unit == "count" else column.unit  # shares stay shares of one
                    texts = (table.caption, stage, row.method, column.key, column.variant, unit, column.better)
                    numbers = ("" if n is None else repr(n) for n in (c.value, c.low, c.high, c.std))
                    write([*map(_inert, texts), *numbers, c.mark, _inert(c.note)])
    return file.getvalue()


def _inert(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _md(text: str) -> str:
    return "".join(f"\\{c}" if c in _MARKDOWN else c for c in " ".join(text.split()))


def _tex(text: str) -> str:
    return "".join(_LATEX.get(c, c) for c in " ".join(text.split()))


def _notes(table: Table) -> list[str]:
    """Remarks below a table: how it is marked, and its own."""
    marks = [words for mark, words in LEGEND.items() if mark in table.marked]
    return [*(["; ".join(marks).capitalize() + "."] if marks else []), *table.notes]
