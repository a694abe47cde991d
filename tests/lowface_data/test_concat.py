"""Several data sets as one: numbers, people and keys kept apart, draws by share."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest

from lowface_core.data.objects import Objects
from lowface_core.errors import ConfigError
from lowface_data.concat import Concat
from lowface_data.degradations.linear import LinearDarkening
from lowface_data.rendered.rendered_faces import RenderedFaces


def faces(**changes: object) -> RenderedFaces:
    return RenderedFaces(**{"size": 16, "identities": 2, "pictures": 2, **changes})  # type: ignore[arg-type]


def test_samples_come_one_part_after_the_other() -> None:
    one, other = faces(), faces(first_identity=7, identities=3)
    both = Concat([one, other])
    assert len(both) == 4 + 6
    for index in range(10):
        part, inner, place = (one, index, 0) if index < 4 else (other, index - 4, 1)
        np.testing.assert_array_equal(both[index]["normal"], part[inner]["normal"])
        assert both[index]["key"] == f"{place}.{part[inner]['key']}"
        assert both.facts(index) == {name: both[index][name] for name in ("key", "identity")}


def test_the_same_people_twice_are_different_people() -> None:
    both = Concat([faces(), faces()])
    assert both.identities == ["0.rendered0000", "0.rendered0001", "1.rendered0000", "1.rendered0001"]
    assert [both[index]["identity"] for index in range(8)] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert [item["identity"] for item in both.gallery()] == [0, 1, 2, 3]
    assert [item["key"][0] for item in both.gallery()] == ["0", "0", "1", "1"]


def test_roles_and_boxes_are_those_of_the_parts() -> None:
    boxes = Objects(np.array([[1, 2, 3, 4]], np.float32), ("face",))

    class Street(RenderedFaces):
        def facts(self, index: int) -> dict[str, Any]:
            return {**super().facts(index), "role": "probe"}

        def objects(self, index: int) -> Objects:
            return boxes

    both = Concat([faces(), Street(size=16, identities=2, pictures=2)])
    assert "role" not in both.facts(0)
    assert both.facts(5)["role"] == "probe"
    assert both.objects(0) is None
    assert both.objects(5) is boxes


def test_names_that_a_part_lacks_are_left_out_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "lowface"):
        both = Concat([faces(degradation=LinearDarkening()), faces()])
    assert "low" not in both.names
    assert "low" not in both[0]
    assert [r.getMessage() for r in caplog.records] == ["concat: low is left out, because dataset 1 does not supply it"]


def test_shares_say_how_often_a_part_is_drawn_from() -> None:
    both = Concat([faces(), faces(identities=50, pictures=1)], shares=[3, 1])
    rng = np.random.default_rng(0)
    drawn = [both.draw(0, rng, position)["key"][0] for position in range(400)]
    assert drawn.count("0") / 400 == pytest.approx(0.75, abs=0.06)
    assert both[3]["key"].startswith("0.")  # reading by number is not affected
    assert both.fingerprint() != Concat([faces(), faces(identities=50, pictures=1)]).fingerprint()


def test_faults_are_said() -> None:
    with pytest.raises(ConfigError, match="empty"):
        Concat([])
    with pytest.raises(ConfigError, match="1 shares for 2 datasets"):
        Concat([faces(), faces()], shares=[1])
    mute = faces()
    mute.names = ("low", "key")
    with pytest.raises(ConfigError, match="no name in common"):
        Concat([faces(), mute])
