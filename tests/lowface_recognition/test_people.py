"""Who is on the pictures of a list of pairs."""

from __future__ import annotations

import numpy as np

from lowface_recognition.people import people_of_pairs


def people(keys: list[str], *pairs: tuple[int, int, bool]) -> list[str]:
    first, second, same = (np.array(column) for column in zip(*pairs, strict=True))
    return people_of_pairs(keys, first, second, same.astype(bool))


def test_folders_and_names() -> None:
    assert people(["a/1", "a/2", "b/1"], (0, 1, True), (1, 2, False)) == ["a", "a", "b"]
    assert people(["An_Na_1", "An_Na_2", "Bo_1"], (0, 1, True), (1, 2, False)) == ["An_Na", "An_Na", "Bo"]


def test_names_that_are_none_give_way_to_the_pairs() -> None:
    """All called img: the impostor pair says that this is nobody's name."""
    told = people(["img_1", "img_2", "img_3", "img_4"], (0, 1, True), (1, 2, False), (2, 3, True))
    assert told[0] == told[1] != told[2] == told[3]
    told = people(["x", "y", "z"], (0, 1, True), (1, 2, False))
    assert told[0] == told[1] != told[2]
