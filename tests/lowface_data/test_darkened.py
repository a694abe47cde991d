"""Any data set in the dark: what is drawn, what passes, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from lowface_core.errors import ConfigError
from lowface_data.augmented import Augmented
from lowface_data.darkened import Darkened
from lowface_data.degradations.linear import LinearDarkening
from lowface_data.degradations.night import Night
from lowface_data.rendered.rendered_faces import RenderedFaces

FACES = RenderedFaces(size=24, identities=2, pictures=2)
PLAIN = {"hue": 0.0, "saturation": 0.0, "surroundings": 0.0, "exposure": 0.0}


def test_low_is_made_of_what_normal_is() -> None:
    dark = Darkened(FACES, LinearDarkening(0.3, 0.3, quantize=False))
    for index in range(4):
        sample = dark.item(index, np.random.default_rng(index))
        np.testing.assert_allclose(sample["low"], sample["normal"] * np.float32(0.3), rtol=1e-6)
        assert not np.allclose(sample["normal"], FACES[index]["normal"])
    plain = Darkened(FACES, LinearDarkening(), **PLAIN)  # type: ignore[arg-type]
    np.testing.assert_array_equal(plain[1]["normal"], FACES[1]["normal"])
    np.testing.assert_array_equal(plain[1]["labels"], FACES[1]["labels"])


def test_pictures_are_degraded_after_the_crop() -> None:
    dark = Darkened(Augmented(FACES, crop=16), Night())
    sample = dark.draw(0, np.random.default_rng(0), 5)
    assert sample["low"].shape == sample["normal"].shape == (3, 16, 16)
    assert dark.names[0] == "low"


def test_surroundings_get_a_colour_and_the_face_keeps_its_own() -> None:
    dark = Darkened(FACES, LinearDarkening(), **{**PLAIN, "surroundings": 1.0})  # type: ignore[arg-type]
    moved = np.abs(dark[0]["normal"] - FACES[0]["normal"]).max(0)
    inside = FACES[0]["labels"] == 1
    assert moved[FACES[0]["labels"] == 0].mean() > 4 * moved[inside].mean()


def test_a_low_inside_is_replaced_and_a_missing_normal_refused() -> None:
    twice = Darkened(RenderedFaces(size=16, identities=2, degradation=LinearDarkening()), LinearDarkening(0.9, 0.9))
    assert sorted(twice.names).count("low") == 1
    assert twice[0]["low"].mean() > 0.8 * twice[0]["normal"].mean()
    none = RenderedFaces(size=16)
    none.names = ("labels", "key")
    with pytest.raises(ConfigError, match="give one with normal"):
        Darkened(none, LinearDarkening())


def test_the_fingerprint_holds_the_preset() -> None:
    prints = {Darkened(FACES, Night(preset)).fingerprint() for preset in ("mild", "hard")}
    assert len(prints) == 2
