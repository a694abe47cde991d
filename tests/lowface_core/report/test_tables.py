from __future__ import annotations

import math

from lowface_core.report.tables import ALL, Column, Table, cell, make

HIGHER, LOWER = Column("psnr", "psnr", "higher", unit="dB"), Column("niqe", "niqe", "lower")


def marks(table: Table, column: int = 0) -> list[str]:
    return [row.cells[column].mark for _, rows in table.groups for row in rows]


def one(column: Column, *values: object) -> Table:
    return make("t", "T", [column], [("enhanced", [(f"m{i}", [cell(v)]) for i, v in enumerate(values)])])


def test_best_and_second_follow_the_direction() -> None:
    assert marks(one(HIGHER, 18.0, 20.0, 19.0)) == ["", "best", "second"]
    assert marks(one(LOWER, 3.0, 5.0, 4.0)) == ["best", "", "second"]
    assert marks(one(Column("x", "x"), 1.0, 2.0, 3.0)) == ["", "", ""]


def test_two_methods_have_a_best_one_has_none() -> None:
    assert marks(one(HIGHER, 18.0, 20.0)) == ["", "best"]
    assert marks(one(HIGHER, 18.0)) == [""]


def test_equal_as_shown_is_equal() -> None:
    assert marks(one(HIGHER, 20.001, 20.002, 18.0)) == ["best", "best", "second"]
    assert marks(one(HIGHER, 20.001, 20.002)) == ["", ""]


def test_numbers_that_are_none_or_not_finite_are_dashes_and_never_marked() -> None:
    table = one(HIGHER, None, math.nan, math.inf, 3.0, 2.0)
    assert marks(table) == ["", "", "", "best", ""]
    assert [row.cells[0].text for row in table.groups[0][1]] == ["–", "–", "–", "3.00", "2.00"]


def test_intervals_spreads_and_notes_are_shown() -> None:
    share = Column("rank1", "rank-1", "higher", percent=True)
    table = make(
        "t",
        "T",
        [share],
        [
            (
                "enhanced",
                [
                    ("a", [cell({"value": 0.5, "low": 0.4, "high": 0.61, "std": 0.02})]),
                    ("b", [cell(None, "too few impostor pairs")]),
                ],
            )
        ],
    )
    (first,), (second,) = (row.cells for row in table.groups[0][1])
    assert (first.text, first.interval) == ("50.0 ± 2.0", "[40.0, 61.0]")
    assert (second.text, second.note) == ("–", "too few impostor pairs")


def test_rows_that_agree_become_one_in_stages_no_method_changes() -> None:
    def stages(low: float) -> list[tuple[str, list[tuple[str, list]]]]:
        return [
            (stage, [("a", [cell(8.0), cell(None)]), ("b", [cell(low), cell(3.0)])]) for stage in ("low", "enhanced")
        ]

    merged = make("t", "T", [HIGHER, LOWER], stages(8.0))
    assert [[row.method for row in rows] for _, rows in merged.groups] == [[ALL], ["a", "b"]]
    assert [c.text for c in merged.groups[0][1][0].cells] == ["8.00", "3.000"]
    apart = make("t", "T", [HIGHER, LOWER], stages(9.0))
    assert [row.method for row in apart.groups[0][1]] == ["a", "b"]
