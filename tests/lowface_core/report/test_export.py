from __future__ import annotations

import csv
import io

import pytest

from lowface_core.report.export import export
from lowface_core.report.tables import Column, Table, cell, make

HOSTILE = "a_b & 50% $x^2$ {#1} <script>alert(1)</script> | `c` \\end ~ =1+1"


@pytest.fixture
def table() -> Table:
    columns = [
        Column("psnr", "psnr", "higher", "rgb", "dB", "a source"),
        Column("x", HOSTILE, unit="points", percent=True),
    ]
    rows = [
        ("plain", [cell(20.123456), cell({"value": 0.5, "low": 0.4, "high": 0.6})]),
        (HOSTILE, [cell(18.0), cell(None, "too few\npairs")]),
        ("=SUM(A1)", [cell(19.0), cell(0.1)]),
    ]
    return make("quality", "Caption", columns, [("enhanced", rows)], ["A note."])


def test_markdown(table: Table) -> None:
    lines = export([table], "md", "Title").splitlines()
    assert lines[0] == "# Title"
    rows = [line for line in lines if line.startswith("| enhanced")]
    assert rows[0] == r"| enhanced | plain | **20.12** | 50.0 \[40.0, 60.0\] |"
    assert "<ins>19.00</ins>" in rows[2]
    assert r"\<script\>" in rows[1]
    assert "<script>" not in "\n".join(lines)
    bars = [line.replace(r"\|", "").count("|") for line in lines if line.startswith("|")]
    assert set(bars) == {5}


def test_csv_has_a_line_a_number_unrounded(table: Table) -> None:
    rows = list(csv.DictReader(io.StringIO(export([table], "csv", "Title"))))
    assert len(rows) == 6
    assert rows[0]["value"] == "20.123456"
    assert (rows[0]["variant"], rows[0]["unit"], rows[0]["better"], rows[0]["mark"]) == ("rgb", "dB", "higher", "best")
    assert (rows[1]["value"], rows[1]["low"], rows[1]["high"], rows[1]["unit"]) == ("0.5", "0.4", "0.6", "")
    assert rows[2]["method"] == HOSTILE
    assert (rows[3]["value"], rows[3]["note"]) == ("", "too few\npairs")
    assert rows[4]["method"] == "'=SUM(A1)"  # no formula for a spreadsheet


def test_latex_is_escaped_and_marked(table: Table) -> None:
    text = export([table], "latex", "Title\n\\input{x}")
    assert r"\textbf{20.12}" in text
    assert r"\underline{19.00}" in text
    assert r"a\_b \& 50\% \$x\textasciicircum{}2\$ \{\#1\}" in text
    assert r"\textbackslash{}end" in text
    for rule in ("toprule", "midrule", "bottomrule"):
        assert rf"\{rule}" in text
    assert text.splitlines()[0] == "% Title \\input{x}"  # one comment line, whatever the title holds
    assert r"\caption{Caption. Best of a stage bold" in text
    assert "--$^{a}$" in text
    assert "$^{a}$ too few pairs." in text
    body = [line for line in text.splitlines() if line.endswith(r"\\") and "multicolumn" not in line]
    assert {line.replace(r"\&", "").count("&") for line in body} == {2}


def test_latex_rows_cannot_become_arguments_of_the_row_before() -> None:
    rows = [("[2em] first", [cell(-1.5)]), ("*", [cell(2.0)])]
    text = export([make("t", "T", [Column("x", "x")], [("enhanced", rows)])], "latex", "T")
    assert "    {}[2em] first & $-$1.500" in text
    assert "    {}* & 2.000" in text
