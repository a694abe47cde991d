"""Light before the sensor: colours, uneven light, motion."""

from __future__ import annotations

import numpy as np
import pytest

from lowface_data.degradations import camera_light
from lowface_data.degradations.camera_light import LUMA, lamp_colour, mixed_light, motion_blur, uneven_light


def test_a_lamp_colours_and_keeps_brightness() -> None:
    np.testing.assert_allclose(lamp_colour(0, 0), 1, atol=1e-6)
    warm, green = lamp_colour(0.6, 0), lamp_colour(0, 0.2)
    assert np.log(warm[0] / warm[2]) == pytest.approx(0.6, abs=1e-5)
    assert np.log(green[1] / np.sqrt(green[0] * green[2])) == pytest.approx(0.2, abs=1e-5)
    for colour in (warm, green, lamp_colour(-0.8, 0.1)):
        assert colour @ LUMA == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("kind", ["lamp", "side_light", "backlight"])
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (40, 60)])
def test_uneven_light_reaches_as_deep_as_said(kind: str, size: tuple[int, int]) -> None:
    fields = [getattr(camera_light, kind)(*size, 3.0, np.random.default_rng(seed)) for seed in range(20)]
    for field in fields:
        assert field.shape == size
        assert field.dtype == np.float32
        assert 0.1 - 1e-5 <= field.min() <= field.max() <= 1 + 1e-6
    if size == (40, 60):
        assert min(field.min() for field in fields) < 0.11
        assert max(field.max() for field in fields) > 0.95
        steps = [max(np.abs(np.diff(field, axis=axis)).max() for axis in (0, 1)) for field in fields]
        assert max(steps) < 0.9 if kind == "backlight" else max(steps) < 0.2


def test_uneven_light_neither_brightens_nor_darkens_as_a_whole() -> None:
    kinds = set()
    for seed in range(30):
        field = uneven_light(30, 20, 2.0, np.random.default_rng(seed))
        assert np.log(field).mean() == pytest.approx(0, abs=1e-4)
        kinds.add(round(float(field.max()), 1))
    assert len(kinds) > 3


def test_mixed_light_has_both_colours() -> None:
    one, other = lamp_colour(0.5, 0), lamp_colour(-0.5, 0)
    field = mixed_light(30, 40, one, other, np.random.default_rng(0))
    assert field.shape == (3, 30, 40)
    assert field[0].max() == pytest.approx(one[0], abs=1e-3)
    assert field[0].min() == pytest.approx(other[0], rel=0.02)


def test_motion_spreads_a_point_along_its_path() -> None:
    point = np.zeros((3, 21, 21), np.float32)
    point[:, 10, 10] = 1
    moved = motion_blur(point, 6, 0.0)
    assert moved.sum() == pytest.approx(3, abs=1e-5)
    across, along = moved[0].sum(1), moved[0].sum(0)
    assert across[10] == pytest.approx(1, abs=1e-5)
    places = np.arange(21)
    assert along @ places == pytest.approx(10, abs=0.01)
    assert along @ (places - 10) ** 2 == pytest.approx(6**2 / 12, rel=0.15)  # of an even spread over the path
    upright = motion_blur(point, 6, np.pi / 2)
    np.testing.assert_allclose(upright[0], moved[0].T, atol=1e-5)
