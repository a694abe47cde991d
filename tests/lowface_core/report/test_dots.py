from __future__ import annotations

import xml.etree.ElementTree as ET

from lowface_core.report.dots import SHIFTS, dots, place
from lowface_core.report.rendering import macros
from lowface_core.report.svg import WIDTH
from lowface_core.report.tables import cell


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
