"""Degradations: the physics they claim, ranges, determinism, recorded draws, bad arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lowface_core.config.build import build_from
from lowface_core.data.colour_space import from_linear, to_linear
from lowface_core.errors import ConfigError
from lowface_data.degradations.additive_noise import AdditiveNoise
from lowface_data.degradations.compose import Compose
from lowface_data.degradations.gamma_noise import GammaNoise
from lowface_data.degradations.haze import Haze
from lowface_data.degradations.linear import LinearDarkening
from lowface_data.degradations.sensor import Sensor


def picture(height: int = 24, width: int = 17) -> np.ndarray:
    return (np.random.default_rng(0).integers(0, 256, (3, height, width)) / 255).astype(np.float32)


def flat(value: float, side: int = 200) -> np.ndarray:
    return np.full((3, side, side), value, np.float32)


def test_linear_darkening_multiplies_by_the_ratio_it_reports() -> None:
    exact, drawn = LinearDarkening(quantize=False)(picture(), np.random.default_rng(3))
    np.testing.assert_allclose(exact, picture() * drawn["ratio"], rtol=1e-6)
    dark, same = LinearDarkening()(picture(), np.random.default_rng(3))  # as a file would hold it
    np.testing.assert_allclose(dark * 255, np.rint(dark * 255), atol=1e-4)
    np.testing.assert_allclose(dark, exact, atol=0.5 / 255 + 1e-6)
    assert drawn == same


def test_ratios_fill_the_interval_evenly() -> None:
    rng = np.random.default_rng(0)
    darken = LinearDarkening(0.2, 0.6)
    ratios = np.array([darken(np.ones((3, 1, 1), np.float32), rng)[1]["ratio"] for _ in range(2000)])
    assert ratios.min() >= 0.2
    assert ratios.max() <= 0.6
    np.testing.assert_allclose(np.histogram(ratios, 4, (0.2, 0.6))[0] / 2000, 0.25, atol=0.04)


def test_the_interval_may_be_a_point() -> None:
    assert LinearDarkening(0.5, 0.5)(picture(), np.random.default_rng(0))[1] == {"ratio": 0.5}
    assert LinearDarkening(1, 1)(picture(), np.random.default_rng(0))[0] == pytest.approx(picture(), abs=1e-7)


def test_gamma_and_noise_are_what_was_drawn() -> None:
    dark, drawn = GammaNoise(quantize=False)(flat(0.6), np.random.default_rng(1))
    assert 2.15 <= drawn["gamma"] <= 2.25
    assert 0.26 <= drawn["noise"] <= 0.30
    assert dark.mean() == pytest.approx(0.6 ** drawn["gamma"], abs=1e-4)
    assert dark.std() * 255 == pytest.approx(drawn["noise"], rel=0.02)
    quantised = GammaNoise()(flat(0.6), np.random.default_rng(1))[0]
    np.testing.assert_allclose(quantised * 255, np.rint(quantised * 255), atol=1e-4)
    np.testing.assert_allclose(quantised, dark, atol=0.51 / 255)


def test_the_legacy_form_cuts_noise_to_bytes() -> None:
    clean = np.floor(np.float32(0.6) ** np.float32(2.2) * 255)
    dark, _ = GammaNoise(gamma=2.2, noise=0.3, legacy=True)(flat(0.6, 600), np.random.default_rng(1))
    levels, counts = np.unique(np.rint(dark * 255), return_counts=True)
    assert levels.tolist() == [clean, clean + 1, 255]
    tail = 4.3e-4  # of a normal distribution beyond 1/0.3 standard deviations
    np.testing.assert_allclose(counts[1:] / counts.sum(), tail, rtol=0.2)
    noisy = GammaNoise(gamma=2.2, noise=3, legacy=True)(flat(0.6), np.random.default_rng(1))[0]
    assert (noisy == 1).mean() == pytest.approx(0.37, abs=0.01)  # P(noise <= -1)


def test_the_sensor_exposes_in_linear_light_and_its_noise_is_that_of_counting() -> None:
    dark, _ = Sensor(exposure=0.25, electrons=1e5, read_noise=0, bits=16)(flat(1.0), np.random.default_rng(2))
    assert dark.mean() == pytest.approx(float(from_linear(np.array(0.25))), abs=0.003)
    for electrons, read in ((400, 0), (400, 30)):
        dark, _ = Sensor(exposure=1, electrons=electrons, read_noise=read, bits=16)(flat(0.7), np.random.default_rng(2))
        light = float(to_linear(np.array(0.7)))
        expected = np.sqrt(light * electrons + read**2) / electrons
        assert to_linear(dark).std() == pytest.approx(expected, rel=0.05)


def test_jpeg_costs_quality() -> None:
    image = picture(64, 64)
    plain, rough = (
        Sensor(exposure=1, electrons=1e9, read_noise=0, jpeg=q)(image, np.random.default_rng(0))[0] for q in (None, 10)
    )
    assert np.abs(plain - image).max() <= 1.01 / 255
    assert np.abs(rough - image).mean() > 0.05


def test_additive_noise_has_its_standard_deviation() -> None:
    noisy, drawn = AdditiveNoise((0.04, 0.06))(flat(0.5), np.random.default_rng(0))
    assert noisy.std() == pytest.approx(drawn["std"], rel=0.02)
    assert noisy.mean() == pytest.approx(0.5, abs=0.001)


def test_haze_follows_koschmieder() -> None:
    hazy, _ = Haze(density=1.0, airlight=0.9, near=0.0)(flat(0.2, 50), np.random.default_rng(0))
    np.testing.assert_allclose(hazy[:, -1], 0.2, atol=1e-6)  # nothing lies between
    np.testing.assert_allclose(hazy[:, 0], 0.2 * np.exp(-1) + 0.9 * (1 - np.exp(-1)), atol=1e-6)
    assert (np.diff(hazy[0, :, 0]) < 0).all()


def test_a_composition_is_its_steps_in_order() -> None:
    image = picture()
    both, drawn = Compose([LinearDarkening(), AdditiveNoise()])(image, np.random.default_rng(3))
    rng = np.random.default_rng(3)
    dark, ratio = LinearDarkening()(image, rng)
    noisy, std = AdditiveNoise()(dark, rng)
    np.testing.assert_array_equal(both, noisy)
    assert drawn == {"0.ratio": ratio["ratio"], "1.std": std["std"]}


def test_a_composition_from_a_config() -> None:
    spec = {
        "type": "compose",
        "steps": [
            {"type": "gamma_noise", "legacy": True},
            {"type": "compose", "steps": [{"type": "linear"}, {"type": "haze"}]},
        ],
    }
    made = build_from("degradation", spec, "degradation")
    assert set(made(picture(), np.random.default_rng(0))[1]) >= {"0.gamma", "1.0.ratio"}
    spec["steps"][1]["steps"][0] = {"type": "linnear"}
    with pytest.raises(ConfigError, match=r"degradation\.steps\.1\.steps\.0\.type: .*did you mean 'linear'"):
        build_from("degradation", spec, "degradation")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: GammaNoise(gamma=(2.25, 2.15)), "gamma_noise: gamma = .*wrong way round"),
        (lambda: LinearDarkening(0.5, 0.4), "linear: .*swap"),
        (lambda: Compose([LinearDarkening(), 3]), "compose: steps.1 is 3"),
        (lambda: Compose([]), "compose: steps is empty"),
    ],
)
def test_bad_arguments(make: Callable[[], Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        make()
