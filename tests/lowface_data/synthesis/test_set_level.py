"""Algorithm 1's outer loop: a set is accepted by its mean brightness, the same way every time."""

from __future__ import annotations

import numpy as np
import pytest

from lowface_core.data.luma import mean_luma
from lowface_core.errors import ConfigError, DataError
from lowface_data.degradations.linear import LinearDarkening
from lowface_data.synthesis.set_level import accept_level, generator


def levels(count: int = 50, low: float = 0.3, high: float = 0.6) -> dict[str, float]:
    return {f"k{i}": float(v) for i, v in enumerate(np.random.default_rng(1).uniform(low, high, count))}


def set_mean(given: dict[str, float], darkening: LinearDarkening, turn: int) -> float:
    """Mean brightness of flat pictures, darkened as the accepted draw says."""
    flat = {key: np.full((3, 4, 4), value, np.float32) for key, value in given.items()}
    return float(np.mean([mean_luma(darkening(picture, generator(0, key, turn))[0]) for key, picture in flat.items()]))


@pytest.mark.parametrize("level", [0.03, 0.1, 0.18, 0.3, 0.4])
def test_the_set_lands_on_the_level(level: float) -> None:
    given = levels()
    darkening, turn = accept_level(given, LinearDarkening(), level)
    assert set_mean(given, darkening, turn) == pytest.approx(level, abs=0.01)
    assert 0 < darkening.low <= darkening.high <= 1


def test_an_interval_that_fits_is_left_alone() -> None:
    given = levels()
    mean = float(np.mean(list(given.values())))
    darkening, turn = accept_level(given, LinearDarkening(0.35, 0.45), 0.4 * mean, tolerance=0.02)
    assert (darkening.low, darkening.high, turn) == (0.35, 0.45, 0)


def test_same_seed_same_set() -> None:
    a, b, c = (accept_level(levels(), LinearDarkening(), 0.1, seed=seed)[0].low for seed in (1, 1, 2))
    assert a == b != c


def test_a_picture_draws_alone() -> None:
    first, second = (generator(3, key).random() for key in ("a", "b"))
    assert first == generator(3, "a").random() != second
    assert generator(3, "a", 1).random() != first


def test_what_cannot_be_reached_is_said() -> None:
    with pytest.raises(DataError, match=r"brightness is 0\.4.*give a lower level"):
        accept_level(levels(), LinearDarkening(), 0.8)
    with pytest.raises(ConfigError, match="between 0 and 1"):
        accept_level(levels(), LinearDarkening(), 1.5)
    with pytest.raises(DataError, match="no pictures"):
        accept_level({}, LinearDarkening(), 0.5)
    with pytest.raises(DataError, match="give a lower level"):
        accept_level({"black": 0.0}, LinearDarkening(), 0.1)
