from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from lowface_core.report.svg import (
    HEIGHT,
    LEFT,
    RIGHT,
    SHIFTS,
    TONES,
    WIDTH,
    Series,
    chart,
    dots,
    log_ticks,
    macros,
    place,
    short,
    ticks,
)
from lowface_core.report.tables import cell


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.18, 0.219), (7.7, 20.2), (-3.0, 4.0), (5.0, 5.0), (0.0, 0.0)])
def test_ticks_are_round_and_hold_the_span(low: float, high: float) -> None:
    made = ticks(low, high, 5)
    assert made[0] <= low + 1e-12
    assert made[-1] >= high - 1e-12
    assert 2 <= len(made) <= 8
    steps = [b - a for a, b in pairwise(made)]
    assert max(steps) - min(steps) < 1e-9


def test_log_ticks_are_powers_of_ten() -> None:
    assert log_ticks(2e-4, 0.5) == [1e-4, 1e-3, 1e-2, 0.1, 1.0]
    assert log_ticks(0.1, 0.1) == [0.1, 1.0]


def test_tick_texts_need_no_more_digits_than_they_must() -> None:
    assert [short(v, (0.0, 0.25, 0.5)) for v in (0.0, 0.25, 0.5)] == ["0.00", "0.25", "0.50"]
    assert short(20000.0, (0.0, 20000.0)) == "20k"
    assert short(2.5e-4, (0.0, 2.5e-4)) == "2.5e−4"


def points(picture: str) -> list[tuple[float, float]]:
    path = next(e for e in ET.fromstring(picture).iter() if "line" in e.get("class", "")).get("d", "")
    return [tuple(map(float, p.split())) for p in path.replace("M", "L").split("L") if p]


def test_lines_are_placed_by_their_values() -> None:
    (x0, y0), (x1, y1) = points(chart([Series("a", ((0, 0.0), (10, 1.0)))], "x", "y"))
    assert (x0, x1) == (LEFT, WIDTH - RIGHT)
    assert y0 > y1


def test_a_log_axis_leaves_out_zero() -> None:
    drawn = points(chart([Series("a", ((0.0, 0.1), (0.01, 0.2), (0.1, 0.3), (1.0, 0.4)))], "x", "y", log_x=True))
    assert len(drawn) == 3
    assert drawn[1][0] - drawn[0][0] == pytest.approx(drawn[2][0] - drawn[1][0], abs=0.11)


def test_missing_values_break_the_line_and_nothing_leaves_the_frame() -> None:
    series = Series("a", ((1, 1.0), (2, 2.0), (3, None), (4, math.nan), (5, 1.5), (6, 3.0)))
    picture = chart([series], "x", "y")
    path = next(e for e in ET.fromstring(picture).iter() if "line" in e.get("class", "")).get("d", "")
    assert path.count("M") == 2
    assert "nan" not in picture
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points(picture))


def test_more_methods_than_colours_differ_by_their_dashes() -> None:
    looks = [Series("x", (), f"m{i}", "enhanced").look for i in range(2 * TONES)]
    assert len(set(looks)) == 2 * TONES
    assert {tone for tone, _ in looks} == {f"tone-m{i}" for i in range(TONES)}
    assert Series("x", (), "low", "low").look[0] == "tone-low"


def test_nothing_to_draw_draws_axes() -> None:
    assert "line tone" not in chart([], "x", "y", log_x=True)


def test_texts_are_escaped() -> None:
    hostile = '"><script>alert(1)</script>'
    picture = chart([Series(hostile, ((0, 0.0), (1, 1.0)))], hostile, hostile, label=hostile)
    assert "<script" not in picture
    assert ET.fromstring(picture).get("aria-label") == hostile


def test_every_stage_has_its_sign_at_its_value_and_a_bar_for_the_interval() -> None:
    rows = [("gamma", {"low": cell({"value": 0.5, "low": 0.25, "high": 0.75}), "enhanced": cell(1.0)}), ("other", {})]
    root = ET.fromstring(dots(rows, "what it shows"))
    assert root.get("aria-label") == "what it shows"
    signs = [g for g in root.iter() if g.get("class", "").startswith("sign")]
    assert [g.get("class") for g in signs] == ["sign tone-low", "sign tone-enhanced"]
    places = [float(g[-1].get("transform", "")[10:].split()[0]) for g in signs]
    assert places == [place(0.5), place(1.0)]
    assert len(signs[0]) == 2
    assert signs[0][0].get("d", "").startswith(f"M{place(0.25):.1f} ")
    assert len(signs[1]) == 1


def test_shares_beyond_the_axis_stay_on_it() -> None:
    assert 0 <= place(-1) < place(0.5) < place(2) <= WIDTH


def test_names_are_escaped_and_long_ones_cut() -> None:
    picture = dots([("<script>" + "x" * 100, {})], '"<b>')
    assert "<script>" not in picture
    texts = [e.text or "" for e in ET.fromstring(picture).iter() if "label" in e.get("class", "")]
    assert [len(text) for text in texts] == [48]


def test_the_legend_shows_the_same_signs() -> None:
    signs = macros("svg.html.j2")
    picture = dots([("a", dict.fromkeys(SHIFTS, cell(0.5)))], "")
    for stage in SHIFTS:
        assert signs.sign(stage) in signs.marker(stage)
        assert signs.sign(stage) in picture
