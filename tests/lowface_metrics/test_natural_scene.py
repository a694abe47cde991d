"""NIQE's features: fits by hand, the released procedure written out, MATLAB's halving."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import convolve

from lowface_metrics.natural_scene import FEATURES, asymmetric_gaussian, features, halve, normalise


def fit(values: list[float]) -> tuple[float, float, float]:
    shape, left, right = asymmetric_gaussian(np.array(values)[None, None])
    return shape.item(), left.item(), right.item()


def test_laplacian_moments_give_shape_one() -> None:
    """Half zeros, quarters of −1 and 1: E|x|² / E x² = (1/2)² / (1/2) = 1/2 = Γ(2)² / (Γ(1) Γ(3)).

    Both root mean squares are 1, the width is 1 · √(Γ(1) / Γ(3)) = √½.
    """
    assert fit([0, 0, -1, 1]) == pytest.approx((1.0, math.sqrt(0.5), math.sqrt(0.5)), abs=1e-9)


def test_gaussian_moments_give_shape_two() -> None:
    """A share z of zeros, else ±1: E|x|² / E x² = 1 − z, which is 2/π for a Gaussian; width √(Γ(½) / Γ(3/2)) = √2."""
    count = 100_000
    ones = round(count * 2 / math.pi / 2)
    values = [1.0] * ones + [-1.0] * ones + [0.0] * (count - 2 * ones)
    shape, left, right = fit(values)
    assert shape == pytest.approx(2, abs=2e-3)
    assert (left, right) == pytest.approx((math.sqrt(2), math.sqrt(2)), abs=2e-3)


def test_an_asymmetric_fit() -> None:
    """−1 and 2 and two zeros. γ = 1/2; E|x| = 3/4, E x² = 5/4, ratio 9/20.

    R = 9/20 · (1/8 + 1)(1/2 + 1) / (1/4 + 1)² = 0.486, which is that of a shape slightly below 1.
    """
    shape, left, right = fit([0, 0, -1, 2])
    ratio = math.gamma(2 / shape) ** 2 / (math.gamma(1 / shape) * math.gamma(3 / shape))
    assert ratio == pytest.approx(0.486, abs=2e-4)
    assert 0.9 < shape < 1
    width = math.sqrt(math.gamma(1 / shape) / math.gamma(3 / shape))
    assert (left, right) == pytest.approx((width, 2 * width))


def test_shape_ends_at_ten_and_flat_patches_have_none() -> None:
    assert fit([-1, 1])[0] == pytest.approx(10)
    assert all(math.isnan(value) for value in fit([0.0, 0.0]))
    assert math.isnan(fit([1.0, 2.0])[1])


def by_the_release(grey: np.ndarray) -> np.ndarray:
    """The released procedure patch by patch, in the order of its steps."""
    window = np.outer(*[np.exp(-(np.arange(-3, 4) ** 2) / (2 * (7 / 6) ** 2))] * 2)
    window /= window.sum()
    shapes = 0.2 + 0.001 * np.arange(9801)
    table = np.array([math.gamma(2 / s) ** 2 / (math.gamma(1 / s) * math.gamma(3 / s)) for s in shapes])

    def fitted(x: np.ndarray) -> tuple[float, float, float]:
        left, right = (np.sqrt((x[side] ** 2).mean()) for side in (x < 0, x > 0))
        g = left / right
        wanted = np.abs(x).mean() ** 2 / (x**2).mean() * (g**3 + 1) * (g + 1) / (g**2 + 1) ** 2
        shape = shapes[np.argmin((table - wanted) ** 2)]
        width = math.sqrt(math.gamma(1 / shape) / math.gamma(3 / shape))
        return shape, left * width, right * width

    rows = []
    image, size = grey, 96
    for _ in range(2):
        mean = convolve(image, window, mode="nearest")
        sd = np.sqrt(np.abs(convolve(image**2, window, mode="nearest") - mean**2))
        structure = (image - mean) / (sd + 1)
        found = []
        for y in range(0, image.shape[0], size):
            for x in range(0, image.shape[1], size):
                patch = structure[y : y + size, x : x + size]
                shape, left, right = fitted(patch)
                row = [shape, (left + right) / 2]
                for shift in ([0, 1], [1, 0], [1, 1], [1, -1]):
                    shape, left, right = fitted(patch * np.roll(patch, shift, axis=(0, 1)))
                    row += [shape, (right - left) * math.gamma(2 / shape) / math.gamma(1 / shape), left, right]
                found.append(row)
        rows.append(np.array(found))
        image, size = halve(image), size // 2
    return np.concatenate(rows, axis=1)


def test_features_equal_the_released_procedure() -> None:
    rng = np.random.default_rng(0)
    grey = np.rint(np.clip(convolve(rng.normal(0, 200, (205, 300)), np.full((4, 4), 1 / 16)) + 120, 0, 255))
    found, sharpness = features(grey)
    assert found.shape == (6, FEATURES)
    np.testing.assert_allclose(found, by_the_release(grey[:192, :288]), atol=1e-9)
    _, deviation = normalise(grey[:192, :288])
    assert sharpness[4] == pytest.approx(deviation[96:, 96:192].mean())


def test_halving_is_pillows_bicubic_away_from_the_border() -> None:
    """Pillow's kernel is the same; at the border it renormalises where MATLAB mirrors."""
    rng = np.random.default_rng(1)
    image = rng.uniform(0, 255, (40, 64))
    want = np.asarray(Image.fromarray(image.astype(np.float32)).resize((32, 20), Image.Resampling.BICUBIC))
    np.testing.assert_allclose(halve(image)[2:-2, 2:-2], want[2:-2, 2:-2], atol=1e-3)
    np.testing.assert_allclose(halve(np.full((8, 8), 7.0)), 7)
    mirrored = np.pad(image, 8, mode="symmetric")
    np.testing.assert_allclose(halve(image), halve(mirrored)[4:-4, 4:-4], atol=1e-9)


def test_a_picture_below_one_patch_has_no_features() -> None:
    found, sharpness = features(np.zeros((95, 300)))
    assert found.shape == (0, FEATURES)
    assert sharpness.shape == (0,)
