"""Intervals over people."""

from __future__ import annotations

import numpy as np
import pytest

from lowface_recognition.bootstrap import interval, people_weights, share


def test_people_are_drawn_with_replacement_and_the_seed_decides() -> None:
    weights = people_weights(20, 0, draws=50)
    assert weights.shape == (50, 20)
    assert (weights.sum(1) == 20).all()
    assert weights.max() > 1
    assert np.array_equal(weights, people_weights(20, 0, draws=50))
    assert not np.array_equal(weights, people_weights(20, 1, draws=50))


def test_one_person_gives_no_interval() -> None:
    told = interval(0.5, share(np.array([True, False]), np.zeros(2, int), people_weights(1, 0)))
    assert told["value"] == 0.5
    assert np.isnan([told["low"], told["high"]]).all()


def test_a_share_by_hand() -> None:
    hit, person = np.array([True, False, True]), np.array([0, 0, 1])
    weights = np.array([[2, 0], [0, 2], [1, 1]])
    assert share(hit, person, weights) == pytest.approx([0.5, 1.0, 2 / 3])


def test_the_width_is_that_of_the_binomial_with_one_picture_a_person() -> None:
    rng = np.random.default_rng(0)
    hit = rng.random(400) < 0.9
    told = interval(hit.mean(), share(hit, np.arange(400), people_weights(400, 0)))
    half = 1.96 * np.sqrt(hit.mean() * (1 - hit.mean()) / 400)
    assert told["high"] - told["low"] == pytest.approx(2 * half, rel=0.1)
    assert told["low"] < told["value"] < told["high"]


def test_pictures_of_one_person_are_no_independent_draws() -> None:
    """Four alike pictures a person: the interval is that of the people, twice as wide as that of pictures."""
    rng = np.random.default_rng(1)
    hit = np.repeat(rng.random(100) < 0.8, 4)
    by_person = interval(hit.mean(), share(hit, np.repeat(np.arange(100), 4), people_weights(100, 0)))
    by_picture = interval(hit.mean(), share(hit, np.arange(400), people_weights(400, 0)))
    widths = [told["high"] - told["low"] for told in (by_person, by_picture)]
    assert widths[0] / widths[1] == pytest.approx(2, rel=0.15)


def test_undefined_resamplings_are_left_out_up_to_half() -> None:
    assert interval(0.5, np.array([0.4, np.nan, 0.6]))["low"] == pytest.approx(0.405)
    assert np.isnan(interval(0.5, np.array([0.4, np.nan, np.nan]))["low"])
    assert np.isnan(interval(float("nan"), np.array([0.4, 0.5]))["low"])
