"""Other colours: brightness and greys stay, hue and saturation go where they are sent."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest

from lowface_core.data.colour_space import from_linear, to_linear
from lowface_data.degradations.camera_light import LUMA
from lowface_data.recolour import colour_places, expose, recolour, strong_colour, surroundings, turn_hue


def test_brightness_and_greys_stay() -> None:
    image = np.random.default_rng(0).uniform(0.35, 0.65, (3, 9, 9)).astype(np.float32)  # nothing clips
    other = recolour(image, 25, 1.2)
    np.testing.assert_allclose(np.tensordot(LUMA, other, 1), np.tensordot(LUMA, image, 1), atol=1e-5)
    assert np.abs(other - image).max() > 0.02
    np.testing.assert_allclose(recolour(np.full((3, 2, 2), 0.4, np.float32), 90, 3), 0.4, atol=1e-6)
    np.testing.assert_allclose(turn_hue(0, 1), np.eye(3), atol=1e-6)


def test_hue_turns_and_saturation_grows() -> None:
    image = np.array([0.6, 0.4, 0.4], np.float32)[:, None, None]
    before = colorsys.rgb_to_hsv(*image[:, 0, 0])[0] * 360
    turned = colorsys.rgb_to_hsv(*recolour(image, 30, 1)[:, 0, 0])[0] * 360
    assert abs((turned - before + 180) % 360 - 180) == pytest.approx(30, abs=6)
    wide = recolour(image, 0, 1.5)[:, 0, 0]
    assert np.ptp(wide) == pytest.approx(1.5 * 0.2, abs=1e-5)


def test_exposure_is_in_linear_light() -> None:
    image = np.full((3, 2, 2), 0.4, np.float32)
    assert expose(image, 1)[0, 0, 0] == pytest.approx(float(from_linear(2 * to_linear(np.array(0.4)))), abs=1e-5)
    assert expose(np.full((3, 2, 2), 0.9, np.float32), 3).max() <= 1


def test_a_colour_is_laid_on_where_the_mask_is() -> None:
    image = np.full((3, 4, 4), 0.3, np.float32)
    mask = np.zeros((4, 4), np.float32)
    mask[:, 2:] = 1
    red = np.array([0.8, 0.2, 0.2], np.float32)
    out = colour_places(image, mask, red, 1.0)
    np.testing.assert_array_equal(out[:, :, :2], image[:, :, :2])
    assert out[0, 0, 3] / out[1, 0, 3] == pytest.approx(4, rel=1e-4)
    assert LUMA @ out[:, 0, 3] == pytest.approx(0.3, abs=1e-5)
    colour = strong_colour(np.random.default_rng(0))
    assert np.ptp(colour) > 0.3


def test_surroundings_leave_the_face_out() -> None:
    normal = np.zeros((3, 60, 60), np.float32)
    rng = np.random.default_rng(0)
    labels = np.zeros((60, 60), np.int64)
    labels[20:40, 20:40] = 1
    box = np.array([20, 20, 40, 40], np.float32)
    eyes = np.array([[25, 26], [35, 26], [30, 31], [26, 35], [34, 35]], np.float32)
    for sample in ({"labels": labels}, {"box": box}, {"landmarks": eyes}):
        mask = surroundings({"normal": normal, **sample}, rng)
        assert mask[30, 30] == 0
        assert mask[2, 2] == pytest.approx(1, abs=1e-5)
    half = surroundings({"normal": normal}, rng)
    assert 0.4 < half.mean() < 0.6
