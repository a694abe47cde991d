"""A picture at night: what was drawn is what is seen."""

from __future__ import annotations

import time

import numpy as np
import pytest

from lowface_core.config.build import build_from
from lowface_core.data.colour_space import to_linear
from lowface_core.errors import ConfigError
from lowface_data.degradations.night import PRESETS, Conditions, Night, draw_conditions, sensor_noise


def flat(value: float, side: int = 200) -> np.ndarray:
    return np.full((3, side, side), value, np.float32)


def test_presets_expose_in_linear_light_and_their_noise_is_that_of_counting_and_reading() -> None:
    for preset in ("mild", "hard", "extreme"):
        dark, drawn = Night(preset)(flat(0.8), np.random.default_rng(1))
        conditions = PRESETS[preset]
        for name in ("exposure", "photons", "read_noise"):
            low, high = getattr(conditions, name)
            assert low <= drawn[name] <= high
        assert drawn["linear"]
        signal = float(to_linear(np.array(0.8))) * drawn["exposure"]
        light = to_linear(dark)
        assert light.mean() == pytest.approx(signal, rel=0.05)
        expected = np.sqrt(signal / drawn["photons"] + drawn["read_noise"] ** 2)
        assert light.std() == pytest.approx(expected, rel=0.1)


def test_presets_grow_darker() -> None:
    means = [Night(p)(flat(0.6), np.random.default_rng(0))[0].mean() for p in ("mild", "hard", "extreme")]
    assert means[0] > means[1] > means[2] > 0


def test_the_mixture_holds_everything_it_names() -> None:
    drawn = [draw_conditions(PRESETS["mixture"], np.random.default_rng(seed)) for seed in range(2000)]
    columns = {name: np.array([numbers[name] for numbers in drawn], float) for name in drawn[0]}
    conditions = PRESETS["mixture"]
    shares = {
        "hot": "hot",
        "row_noise": "rows",
        "uneven": "uneven",
        "motion": "motion",
        "soften": "soften",
        "temperature": "cast",
    }
    for name, share in shares.items():
        assert (columns[name] != 0).mean() == pytest.approx(getattr(conditions, share), abs=0.04)
    assert columns["bayer"].mean() == pytest.approx(conditions.demosaic, abs=0.04)
    assert (columns["jpeg"] < 100).mean() == pytest.approx(conditions.jpeg, abs=0.04)
    assert columns["linear"].mean() == pytest.approx(1 - conditions.values, abs=0.04)
    assert (columns["gamma"] != 1).mean() == pytest.approx(conditions.values * conditions.gamma_share, abs=0.04)
    counts = np.histogram(np.log(columns["photons"]), 5, np.log(conditions.photons))[0] / 2000
    np.testing.assert_allclose(counts, 0.2, atol=0.05)  # log-uniform
    seen = columns["exposure"][columns["linear"] == 1]
    assert conditions.exposure[0] <= seen.min() < 0.01
    assert 0.5 < seen.max() <= conditions.exposure[1]


def test_some_pictures_stay_as_they_are() -> None:
    image = (np.random.default_rng(0).integers(0, 256, (3, 8, 8)) / 255).astype(np.float32)
    same = [np.array_equal(Night()(image, np.random.default_rng(seed))[0], image) for seed in range(400)]
    assert np.mean(same) == pytest.approx(PRESETS["mixture"].clean, abs=0.03)


def test_behind_a_bayer_pattern_neighbours_share_noise() -> None:
    plain = draw_conditions(Conditions(), np.random.default_rng(0))
    for bayer, expected in ((False, 0.0), (True, 0.5625)):
        noise = sensor_noise(flat(0.3), {**plain, "bayer": bayer}, np.random.default_rng(0))
        red = noise[0] - noise[0].mean()
        correlation = float((red[:, 1:] * red[:, :-1]).mean() / red.var())
        assert correlation == pytest.approx(expected and 0.667, abs=0.03)


def test_the_file_holds_eight_bits() -> None:
    for seed in range(10):
        dark, _ = Night()(flat(0.7, 32), np.random.default_rng(seed))
        np.testing.assert_allclose(dark * 255, np.rint(dark * 255), atol=1e-4)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (2, 2), (33, 5)])
def test_any_size(size: tuple[int, int]) -> None:
    image = np.random.default_rng(0).random((3, *size), np.float32)
    for seed in range(60):
        assert Night()(image, np.random.default_rng(seed))[0].shape == image.shape


def test_a_crop_takes_milliseconds() -> None:
    image, night = flat(0.5, 160), Night()
    took = []
    for seed in range(30):
        start = time.process_time()
        night(image, np.random.default_rng(seed))
        took.append(time.process_time() - start)
    assert np.median(took) < 0.06  # 9 ms here; a guard, not a measurement


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(ConfigError, match="preset"):
        build_from("degradation", {"type": "night", "preset": "dark"}, "train_dataset.degradation")
