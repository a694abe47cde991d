"""Subsets of another data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowface_core.config.build import build_from
from lowface_core.errors import ConfigError, DataError
from lowface_data.subset import Subset

INSIDE = {"type": "rendered_faces", "size": 16, "identities": 5, "pictures": 3}


def inside() -> Any:
    return build_from("dataset", INSIDE, "d")


def test_samples_are_drawn_by_their_keys() -> None:
    data = inside()
    some = Subset(data, count=4, seed=3)
    assert len(some) == 4
    assert some.indices == Subset(inside(), count=4, seed=3).indices == sorted(some.indices)
    assert some.indices != Subset(data, count=4, seed=4).indices
    assert len(Subset(data, fraction=0.5)) == round(0.5 * 15)
    assert len(Subset(data, fraction=0.001)) == 1
    for place, index in enumerate(some.indices):
        np.testing.assert_array_equal(
            some.item(place, np.random.default_rng(0))["normal"], data.item(index, np.random.default_rng(0))["normal"]
        )
        name = data.identities[data.facts(index)["identity"]]
        assert some.identities[some[place]["identity"]] == some.identities[some.facts(place)["identity"]] == name
    people = {data.facts(index)["identity"] for index in some.indices}
    assert len(some.identities) == len(people)
    gallery = list(some.gallery())
    assert [sample["identity"] for sample in gallery] == list(range(len(people)))
    assert some.fingerprint() != Subset(data, count=5, seed=3).fingerprint()


def test_people_are_drawn_whole() -> None:
    data = inside()
    some = Subset(data, count=2, people=True)
    assert (len(some), len(some.identities)) == (6, 2)


def test_a_list_names_keys(tmp_path: Path) -> None:
    data, path = inside(), tmp_path / "keys.txt"
    keys = [data.facts(index)["key"] for index in (7, 2)]
    path.write_text("\n".join(keys) + "\r\n\n")
    assert Subset(data, keys=path).indices == [2, 7]
    path.write_text("nobody\n")
    with pytest.raises(DataError, match=r"keys\.txt, line 1: there is no key 'nobody'"):
        Subset(data, keys=path)
    path.write_text("")
    with pytest.raises(DataError, match="lists no keys"):
        Subset(data, keys=path)
    with pytest.raises(DataError, match="cannot be read as a list of keys"):
        Subset(data, keys=tmp_path / "none.txt")


def test_what_cannot_be() -> None:
    for arguments in ({}, {"count": 2, "fraction": 0.5}, {"keys": "x", "people": True}):
        with pytest.raises(ConfigError, match="subset: "):
            Subset(inside(), **arguments)
    with pytest.raises(DataError, match="6 people are asked for, and there are 5"):
        Subset(inside(), count=6, people=True)
