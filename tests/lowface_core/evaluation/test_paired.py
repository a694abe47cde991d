"""Paired tests against scipy's, on constructed numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from lowface_core.evaluation.paired import bootstrap_p, bounds, compare, holm, mcnemar_p, resampled_means


@pytest.mark.parametrize(("gained", "lost"), [(0, 0), (5, 5), (0, 6), (12, 3), (3, 12), (40, 61), (700, 600)])
def test_mcnemar_is_a_binomial_test_on_the_pictures_that_differ(gained: int, lost: int) -> None:
    first = np.array([True] * gained + [False] * lost + [True] * 7 + [False] * 9)
    second = np.array([False] * gained + [True] * lost + [True] * 7 + [False] * 9)
    wanted = stats.binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
    assert mcnemar_p(first, second) == pytest.approx(wanted, rel=1e-9)


def test_the_interval_of_a_difference_is_scipys_paired_bootstrap() -> None:
    rng = np.random.default_rng(3)
    first = rng.gamma(2.0, 3.0, 120)
    second = first * 0.8 + rng.normal(0, 1, 120)
    draws = resampled_means(np.stack([first, second], 1), None, seed=0, draws=20_000)
    result = compare(first, second, draws[:, 0] - draws[:, 1])
    wanted = stats.bootstrap(
        (first, second),
        lambda a, b, axis: a.mean(axis) - b.mean(axis),
        paired=True,
        method="percentile",
        n_resamples=20_000,
        random_state=1,
    ).confidence_interval
    width = wanted.high - wanted.low
    assert result.test == "bootstrap"
    assert result.difference == pytest.approx(first.mean() - second.mean())
    assert (result.low, result.high) == pytest.approx((wanted.low, wanted.high), abs=0.03 * width)
    assert result.p == pytest.approx(2 / 20_001)


def test_the_bootstrap_p_of_no_difference_is_spread_evenly() -> None:
    rng = np.random.default_rng(0)
    p = []
    for number in range(200):
        values = rng.normal(0, 1, (60, 2))
        draws = resampled_means(values, None, seed=number, draws=500)
        p.append(bootstrap_p(draws[:, 0] - draws[:, 1]))
    assert stats.kstest(p, "uniform").pvalue > 0.01


def test_people_are_drawn_whole() -> None:
    person = np.repeat(np.arange(20), 10)
    values = np.repeat(np.random.default_rng(1).normal(0, 1, 20), 10)[:, None]  # pictures of a person are all alike
    by_picture, by_person = (
        np.subtract(*bounds(resampled_means(values, groups, seed=0)[:, 0])[::-1]) for groups in (None, person.tolist())
    )
    assert by_person / by_picture == pytest.approx(math.sqrt(10), rel=0.15)
    assert resampled_means(values, ["one"] * 200, seed=0).shape == (0, 1)
    assert math.isnan(bounds(np.zeros(0))[0])
    assert math.isnan(bootstrap_p(np.zeros(0)))


def test_right_or_wrong_goes_to_mcnemar() -> None:
    first, second = np.array([1.0, 1, 1, 0]), np.array([0.0, 1, 0, 0])
    result = compare(first, second, np.array([0.25, 0.5, 0.75]))
    assert (result.test, result.difference, result.p) == ("mcnemar", 0.5, 0.5)


def test_holm() -> None:
    corrected = holm([0.01, math.nan, 0.04, 0.03])
    assert corrected[0] == pytest.approx(0.03)
    assert math.isnan(corrected[1])
    assert corrected[2:] == pytest.approx([0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
