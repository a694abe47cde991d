"""The ROC and its numbers: constructed scores, and comparison with going through all pairs and thresholds."""

from __future__ import annotations

import numpy as np
import pytest

from lowface_recognition.roc import Roc

LOST = -np.inf


def curve(genuine: list[float], impostor: list[float]):
    return Roc(np.array(genuine), np.array(impostor)).curve()


def test_perfect_separation() -> None:
    c = curve([0.8, 0.9], [0.1, 0.2])
    assert (c.auc(), c.eer(), c.tar_at(1e-4)) == (1.0, 0.0, 1.0)
    assert c.points() == ([0.0, 0.0, 1.0], [0.0, 1.0, 1.0])


def test_a_known_curve() -> None:
    """Thresholds 0.9, 0.7, 0.6, 0.4, 0.2 accept (far, tar) = (0,1/3) (0,2/3) (1/2,2/3) (1/2,1) (1,1)."""
    c = curve([0.9, 0.7, 0.4], [0.6, 0.2])
    assert c.far.tolist() == pytest.approx([0, 0, 0, 0.5, 0.5, 1])
    assert c.tar.tolist() == pytest.approx([0, 1 / 3, 2 / 3, 2 / 3, 1, 1])
    assert c.auc() == pytest.approx(5 / 6)
    assert c.eer() == pytest.approx(1 / 3)  # on the level part from (0,2/3) to (1/2,2/3)
    assert c.tar_at(0.49) == pytest.approx(2 / 3)
    assert c.tar_at(0.5) == 1.0


def test_all_scores_equal() -> None:
    c = curve([0.3] * 5, [0.3] * 7)
    assert (c.auc(), c.eer(), c.tar_at(0.1)) == (0.5, 0.5, 0.0)
    assert c.points() == ([0.0, 1.0], [0.0, 1.0])


def test_a_tie_between_the_kinds_is_half() -> None:
    c = curve([0.5, 0.9], [0.5, 0.1])
    assert c.auc() == pytest.approx((0.5 + 1 + 1 + 1) / 4)
    assert c.tar_at(0.3) == 0.5  # accepting the tied genuine pair accepts the impostor, too
    assert c.eer() == pytest.approx(0.25)  # half way along the slope from (0,1/2) to (1/2,1)


def test_undetected_pairs_are_accepted_at_no_threshold() -> None:
    c = curve([0.9, LOST], [0.1, 0.2])
    assert c.tar_at(0.5) == 0.5
    assert c.auc() == pytest.approx(0.5)
    everything = curve([LOST] * 3, [LOST] * 4)
    assert (everything.auc(), everything.eer(), everything.tar_at(1e-1)) == (0.5, 0.5, 0.0)


@pytest.mark.parametrize(("genuine", "impostor"), [([], [0.1]), ([0.1], []), ([], [])])
def test_without_a_kind_nothing_is_defined(genuine: list[float], impostor: list[float]) -> None:
    c = curve(genuine, impostor)
    assert all(np.isnan(number) for number in (c.auc(), c.eer(), c.tar_at(0.1)))
    assert c.points() == ([], [])


@pytest.mark.parametrize("digits", [1, 2, 8])
def test_equals_going_through_everything(digits: int) -> None:
    """Few digits make many ties."""
    rng = np.random.default_rng(digits)
    genuine, impostor = rng.normal(1, 1, 90).round(digits), rng.normal(0, 1, 130).round(digits)
    genuine[:4] = impostor[:6] = LOST
    c = Roc(genuine, impostor).curve()
    wins = (genuine[:, None] > impostor).sum() + 0.5 * (genuine[:, None] == impostor).sum()
    assert c.auc() == pytest.approx(wins / (90 * 130))
    thresholds = [np.inf, *np.unique(np.concatenate([genuine, impostor]))]
    for far in (0.3, 0.1, 0.01):
        possible = [(genuine >= t).mean() for t in thresholds if (impostor >= t).mean() <= far]
        assert c.tar_at(far) == pytest.approx(max(possible))
    points = sorted(((impostor >= t).mean(), (genuine >= t).mean()) for t in thresholds)
    x, y = zip(*points, strict=True)
    fine = np.linspace(0, 1, 20001)  # far against frr along the line: where they cross
    way = np.interp(fine * (len(x) - 1), range(len(x)), x), np.interp(fine * (len(y) - 1), range(len(y)), y)
    crossing = np.argmin(np.abs(way[0] - (1 - way[1])))
    assert c.eer() == pytest.approx(way[0][crossing], abs=2e-3)


def test_whole_weights_are_repeated_pairs() -> None:
    rng = np.random.default_rng(3)
    genuine, impostor = rng.normal(1, 1, 40).round(1), rng.normal(0, 1, 60).round(1)
    wg, wi = rng.integers(0, 3, 40), rng.integers(0, 3, 60)
    weighted = Roc(genuine, impostor).curve(wg, wi)
    repeated = Roc(np.repeat(genuine, wg), np.repeat(impostor, wi)).curve()
    assert weighted.auc() == pytest.approx(repeated.auc())
    assert weighted.eer() == pytest.approx(repeated.eer())
    assert weighted.tar_at(0.1) == pytest.approx(repeated.tar_at(0.1))
    assert np.isnan(Roc(genuine, impostor).curve(wg, wi * 0).auc())


def test_few_points_draw_the_same_curve() -> None:
    rng = np.random.default_rng(4)
    c = Roc(rng.normal(1, 1, 3000), rng.normal(0, 1, 3000)).curve()
    far, tar = c.points(200)
    assert 100 < len(far) <= 200
    assert (far[0], tar[0], far[-1], tar[-1]) == (0.0, 0.0, 1.0, 1.0)
    assert np.interp(c.far, far, tar) == pytest.approx(c.tar, abs=0.02)
