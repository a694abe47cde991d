"""The tables as Markdown, CSV and LaTeX."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from lowface_core.report.tables import BEST, SECOND, Cell, Table

SUFFIXES = {"md": ".md", "csv": ".csv", "latex": ".tex"}
NUMBERS = ("value", "low", "high", "std")
LEGEND = {BEST: "best", SECOND: "second best"}
_LATEX = {
    **{c: f"\\{c}" for c in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "→": r"$\rightarrow$",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "±": r"$\pm$",
    "–": "--",
    "×": r"$\times$",
    "−": "$-$",
}
#: Signs that Markdown or the HTML inside it would act on.
_MARKDOWN = set("\\`*_[]<>|~&$")


def export(tables: Sequence[Table], kind: str, title: str) -> str:
    """All tables in one text.

    Args:
        kind: ``md``, ``csv`` or ``latex``.
    """
    return {"md": markdown, "csv": comma_separated, "latex": latex}[kind](tables, title)


def markdown(tables: Sequence[Table], title: str) -> str:
    """Tables of GitHub's Markdown: best bold, second best underlined."""
    parts = [f"# {_md(title)}\n"]
    for table in tables:
        head = ["stage", "method", *(_md(c.heading) for c in table.columns)]
        lines = ["| " + " | ".join(head) + " |", "|---|---|" + "---:|" * len(table.columns)]
        for stage, rows in table.groups:
            for row in rows:
                cells = [_md(table.heading(stage)), _md(row.method), *(_md_cell(c) for c in row.cells)]
                lines.append("| " + " | ".join(cells) + " |")
        notes = [f"- {_md(note)}" for note in _notes(table)]
        parts.append("\n".join([f"## {_md(table.caption)}\n", *lines, "", *notes, ""]))
    return "\n".join(parts)


def _md_cell(cell: Cell) -> str:
    text = _md(cell.text)
    text = {BEST: f"**{text}**", SECOND: f"<ins>{text}</ins>"}.get(cell.mark, text)
    return " ".join(t for t in (text, _md(cell.interval), _md(cell.note)) if t)


def _md(text: str) -> str:
    return "".join(f"\\{c}" if c in _MARKDOWN else c for c in " ".join(text.split()))


def comma_separated(tables: Sequence[Table], title: str) -> str:
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


def latex(tables: Sequence[Table], title: str) -> str:
    """Floats with booktabs rules: best bold, second best underlined; needs ``\\usepackage{booktabs}``."""
    parts = [f"% {' '.join(title.split())}\n% needs \\usepackage{{booktabs}}\n"]
    for table in tables:
        columns = table.columns
        letters = table.footnotes
        footnotes = [rf"$^{{{letter}}}$ {_tex(note)}." for note, letter in letters.items()]
        lines = [
            r"\begin{table}",
            r"  \centering",
            rf"  \caption{{{' '.join([_tex(table.caption) + '.', *map(_tex, _notes(table)), *footnotes])}}}",
            rf"  \label{{tab:{table.id}}}",
            rf"  \begin{{tabular}}{{l{'r' * len(columns)}}}",
            r"    \toprule",
            "    " + " & ".join(["method", *(_tex(c.heading) for c in columns)]) + r" \\",
        ]
        for stage, rows in table.groups:
            group = _tex(table.heading(stage))
            lines += [
                r"    \midrule",
                rf"    \multicolumn{{{len(columns) + 1}}}{{l}}{{\textit{{{group}}}}} \\",
            ]
            lines += [
                "    " + " & ".join([_tex_row(r.method), *(_tex_cell(c, letters) for c in r.cells)]) + r" \\"
                for r in rows
            ]
        lines += [r"    \bottomrule", r"  \end{tabular}", r"\end{table}"]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _tex_cell(cell: Cell, letters: Mapping[str, str]) -> str:
    text = _tex_number(cell.text)
    text = {BEST: rf"\textbf{{{text}}}", SECOND: rf"\underline{{{text}}}"}.get(cell.mark, text)
    text += rf"$^{{{letters[cell.note]}}}$" if cell.note else ""
    return rf"{text} {{\scriptsize {_tex_number(cell.interval)}}}" if cell.interval else text


def _tex_number(text: str) -> str:
    return _tex(text.replace("-", "−"))


def _tex_row(name: str) -> str:
    """A row's first cell: after the end of a row, a bracket or star would be taken for an argument of that end."""
    return ("{}" if name.lstrip()[:1] in ("[", "*") else "") + _tex(name)


def _tex(text: str) -> str:
    return "".join(_LATEX.get(c, c) for c in " ".join(text.split()))


def _notes(table: Table) -> list[str]:
    """Remarks below a table: how it is marked, and its own."""
    style = {BEST: "bold", SECOND: "underlined"}
    marks = [f"{LEGEND[m]} of a stage {style[m]}" for m in (BEST, SECOND) if m in table.marked]
    return [*(["; ".join(marks).capitalize() + "."] if marks else []), *table.notes]
