"""The Fréchet distance against float64 references, and its sums against numpy."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg
import torch
from torch import Tensor

from lowface_core.errors import LowfaceError
from lowface_metrics.frechet import Moments, frechet_distance


def draw(count: int, width: int, seed: int) -> Tensor:
    """Correlated features, none of them negative, as after a ReLU and a pooling."""
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(width, width, generator=generator, dtype=torch.float64) / width**0.5
    return (torch.randn(count, width, generator=generator, dtype=torch.float64) @ mixing + 0.2 * seed).clamp(min=0)


def of(a: Tensor, b: Tensor) -> float:
    both = [Moments(), Moments()]
    for moments, x in zip(both, (a, b), strict=True):
        moments.add(x)
    return frechet_distance(both[0].mean, both[0].covariance, both[1].mean, both[1].covariance)


@pytest.mark.parametrize(("count", "width"), [(500, 12), (300, 64), (40, 64)])
def test_equals_scipy_in_float64(count: int, width: int) -> None:
    """Also with fewer pictures than features, where scipy's root of a singular matrix needs the usual 1e-6."""
    a, b = draw(count, width, 1).numpy(), draw(count, width, 2).numpy()
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    singular = count <= width
    nudge = 1e-6 * np.eye(width) if singular else 0
    root = scipy.linalg.sqrtm((cov_a + nudge) @ (cov_b + nudge)).real
    want = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(cov_a + cov_b - 2 * root)
    assert of(torch.from_numpy(a), torch.from_numpy(b)) == pytest.approx(want, rel=1e-3 if singular else 1e-9)


@pytest.mark.parametrize(("count", "width"), [(400, 48), (100, 128)])
def test_equals_torch_fidelity(count: int, width: int) -> None:
    from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

    a, b = draw(count, width, 3), draw(count, width, 4)
    statistics = [fid_features_to_statistics(x) for x in (a, b)]
    want = fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]
    assert of(a, b) == pytest.approx(want, rel=1e-6)


def test_known_distances() -> None:
    """Commuting covariances: the sum of (σa − σb)². One dimension: (μa − μb)² + (σa − σb)²."""
    mean, a, b = torch.zeros(3), torch.diag(torch.tensor([1.0, 4.0, 9.0])), torch.diag(torch.tensor([4.0, 4.0, 1.0]))
    assert frechet_distance(mean, a, mean + 2, b) == pytest.approx(12 + 1 + 0 + 4)
    one = torch.ones(1, 1)
    assert frechet_distance(torch.tensor([1.0]), one, torch.tensor([3.0]), 4 * one) == pytest.approx(4 + 1)
    assert frechet_distance(mean, a, mean, torch.zeros(3, 3)) == pytest.approx(14)


def test_same_pictures_same_order_or_not() -> None:
    a = draw(30, 50, 5)
    assert of(a, a) == pytest.approx(0, abs=1e-6)
    b = draw(40, 50, 6)
    assert of(a, b) == pytest.approx(of(b, a), rel=1e-6)
    # fewer pictures than features: roots of eigenvalues that are rounding, whose size depends on the number of threads
    assert of(a, b) == pytest.approx(of(a.flip(0), b), rel=1e-6)


@pytest.mark.parametrize("cuts", [[97], [1, 96], [32, 32, 32, 1], [1] * 97])
def test_moments_do_not_depend_on_the_batches(cuts: list[int]) -> None:
    """Far from zero, where sums of squares in place of scatters would lose eight digits."""
    x = draw(97, 9, 7) + 1e4
    moments = Moments()
    for part in x.split(cuts):
        moments.add(part)
    np.testing.assert_allclose(moments.mean, x.numpy().mean(0), rtol=1e-13)
    np.testing.assert_allclose(moments.covariance, np.cov(x.numpy(), rowvar=False), rtol=1e-7, atol=1e-10)


def test_memory_does_not_grow_and_a_state_goes_on() -> None:
    x = draw(60, 9, 8)
    whole, first, second = Moments(), Moments(), Moments()
    for part in x.split(20):
        whole.add(part)
    first.add(x[:20])
    second.load_state(first.state())
    first.add(x[20:40] * 7)  # what was handed over is a copy
    for part in x[20:].split(20):
        second.add(part)
    assert torch.equal(second.covariance, whole.covariance)
    assert sum(v.numel() for v in whole.state().values() if isinstance(v, Tensor)) == 9 * 10


def test_one_picture_has_no_covariance() -> None:
    moments = Moments()
    moments.add(torch.ones(1, 4))
    with pytest.raises(LowfaceError, match="fid: a set of 1 pictures has no covariance"):
        _ = moments.covariance
