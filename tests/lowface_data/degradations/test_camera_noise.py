"""Noise of a sensor, each kind by its statistics."""

from __future__ import annotations

import numpy as np
import pytest

from lowface_data.degradations.camera_noise import demosaic, hot_pixels, jpeg, mosaic, row_noise, shot_noise, soften


def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def neighbours(noise: np.ndarray, down: int, right: int) -> float:
    """Correlation of pixels that lie so far apart."""
    height, width = noise.shape[-2:]
    one, other = noise[..., : height - down, : width - right], noise[..., down:, right:]
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_the_variance_of_shot_noise_grows_with_light_and_falls_with_photons() -> None:
    for light in (0.05, 0.2, 0.8):
        for photons in (60, 2000):
            noise = shot_noise(np.full((1, 300, 300), light, np.float32), photons, rng())
            assert noise.var() == pytest.approx(light / photons, rel=0.03)
            assert noise.mean() == pytest.approx(0, abs=4 * np.sqrt(light / photons) / 300)


def test_rows_share_their_noise() -> None:
    noise = row_noise((3, 4000, 8), 0.02, rng())
    assert (noise == noise[:1, :, :1]).all()
    assert noise[0, :, 0].std() == pytest.approx(0.02, rel=0.05)
    assert abs(neighbours(noise[:1, :, :1], 1, 0)) < 0.05


def test_the_share_of_hot_pixels() -> None:
    hot = hot_pixels((3, 400, 400), 0.002, rng())
    assert (hot > 0).mean() == pytest.approx(0.002, rel=0.15)
    assert hot[hot > 0].min() >= 0.0199
    assert hot.max() <= 1
    assert np.median(hot[hot > 0]) == pytest.approx(np.sqrt(0.02), rel=0.2)  # log-uniform


def test_a_mosaic_keeps_each_pixels_colour() -> None:
    image = np.random.default_rng(0).random((3, 5, 6), np.float32)
    seen = mosaic(image)[0]
    assert seen[0, 0] == image[0, 0, 0]
    assert seen[0, 1] == image[1, 0, 1]
    assert seen[1, 0] == image[1, 1, 0]
    assert seen[1, 1] == image[2, 1, 1]


def test_interpolation_keeps_what_was_seen_and_even_colours() -> None:
    flat = np.array([0.2, 0.5, 0.9], np.float32)[:, None, None] * np.ones((3, 7, 8), np.float32)
    np.testing.assert_allclose(demosaic(mosaic(flat)), flat, atol=1e-6)
    image = np.random.default_rng(0).random((3, 8, 8), np.float32)
    back = demosaic(mosaic(image))
    np.testing.assert_allclose(back[0, ::2, ::2], image[0, ::2, ::2], atol=1e-6)
    np.testing.assert_allclose(back[2, 1::2, 1::2], image[2, 1::2, 1::2], atol=1e-6)
    np.testing.assert_allclose(back[1, ::2, 1::2], image[1, ::2, 1::2], atol=1e-6)
    assert back[0, 2, 3] == pytest.approx((image[0, 2, 2] + image[0, 2, 4]) / 2)


def test_noise_behind_a_bayer_pattern_is_correlated_between_neighbours() -> None:
    white = rng().standard_normal((1, 600, 600), np.float32)
    noise = demosaic(white)
    # red: one pixel in four is seen. By hand, over the four places of a pixel: variance (1 + ½ + ½ + ¼)/4,
    # covariance to the right (½ + ½ + ¼ + ¼)/4
    assert noise[0].var() == pytest.approx(0.5625, rel=0.02)
    assert neighbours(noise[0], 0, 1) == pytest.approx(0.375 / 0.5625, abs=0.02)
    # green: one in two; variance (1 + ¼)/2, covariance of a seen and an interpolated one 1/4
    assert noise[1].var() == pytest.approx(0.625, rel=0.02)
    assert neighbours(noise[1], 0, 1) == pytest.approx(0.25 / 0.625, abs=0.02)
    assert abs(neighbours(white, 0, 1)) < 0.01


def test_softened_noise_is_smaller_and_correlated() -> None:
    white = rng().standard_normal((3, 300, 300), np.float32)
    noise = soften(white, 0.9)
    assert noise.var() == pytest.approx(1 / (4 * np.pi * 0.9**2), rel=0.05)
    assert neighbours(noise, 0, 1) == pytest.approx(np.exp(-1 / (4 * 0.9**2)), abs=0.03)
    assert abs(float(np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1])) < 0.02  # colours stay apart


def test_jpeg_loses_more_at_lower_quality() -> None:
    image = np.random.default_rng(0).random((3, 32, 40), np.float32)
    loss = [float(np.abs(jpeg(image, quality) - image).mean()) for quality in (30, 60, 95)]
    assert loss[0] > loss[1] > loss[2] > 0
    assert jpeg(image, 30).shape == image.shape
