"""Linear darkening: one ratio a picture, from the interval, in eight bits."""

from __future__ import annotations

import numpy as np
import pytest

from lowface_core.errors import ConfigError
from lowface_data.degradations.linear import LinearDarkening


def picture() -> np.ndarray:
    return (np.random.default_rng(0).integers(0, 256, (3, 9, 7)) / 255).astype(np.float32)


def test_multiplies_by_the_ratio_it_reports() -> None:
    image = picture()
    before = image.copy()
    dark, drawn = LinearDarkening(quantize=False)(image, np.random.default_rng(3))
    assert dark.dtype == np.float32
    np.testing.assert_allclose(dark, image * drawn["ratio"], rtol=1e-6)
    np.testing.assert_array_equal(image, before)


def test_quantised_as_a_file_would_be() -> None:
    dark, drawn = LinearDarkening()(picture(), np.random.default_rng(3))
    levels = dark * 255
    np.testing.assert_allclose(levels, np.rint(levels), atol=1e-4)
    np.testing.assert_allclose(dark, picture() * drawn["ratio"], atol=0.5 / 255 + 1e-6)
    assert dark.dtype == np.float32


def test_ratios_fill_the_interval_evenly() -> None:
    rng = np.random.default_rng(0)
    darken = LinearDarkening(0.2, 0.6)
    ratios = np.array([darken(np.ones((3, 1, 1), np.float32), rng)[1]["ratio"] for _ in range(2000)])
    assert ratios.min() >= 0.2
    assert ratios.max() <= 0.6
    np.testing.assert_allclose(np.histogram(ratios, 4, (0.2, 0.6))[0] / 2000, 0.25, atol=0.04)


def test_same_generator_same_picture() -> None:
    first, second = (LinearDarkening()(picture(), np.random.default_rng([0, 5])) for _ in range(2))
    np.testing.assert_array_equal(first[0], second[0])
    assert first[1] == second[1]


def test_the_interval_may_be_a_point() -> None:
    assert LinearDarkening(0.5, 0.5)(picture(), np.random.default_rng(0))[1] == {"ratio": 0.5}
    assert LinearDarkening(1, 1)(picture(), np.random.default_rng(0))[0] == pytest.approx(picture(), abs=1e-7)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.5, 0.4, "swap"),
        (0.0, 0.4, "above 0"),
        (-0.1, 0.4, "above 0"),
        (0.4, 1.2, "at most 1"),
        (float("nan"), 0.4, "low is nan"),
        (0.3, "0.4", "high is '0.4'"),
        (None, 0.4, "low is None"),
    ],
)
def test_bad_intervals(low: object, high: object, words: str) -> None:
    with pytest.raises(ConfigError, match=f"linear: .*{words}"):
        LinearDarkening(low, high)
