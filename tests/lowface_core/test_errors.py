from __future__ import annotations

from lowface_core.errors import listing, nearest


def test_nearest_names_the_closest_and_stays_silent_when_nothing_is_close():
    assert nearest("smothness", ["color", "smoothness"]) == "; did you mean 'smoothness'?"
    assert nearest("zzz", ["color", "smoothness"]) == ""
    assert nearest("anything", []) == ""


def test_listing_sorts_and_says_none():
    assert listing(["b", "a"]) == "a, b"
    assert listing([]) == "none"
