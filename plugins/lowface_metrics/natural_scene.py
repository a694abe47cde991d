"""The 36 features by which NIQE describes a patch: how its contrast-normalised pixels are distributed.

Source: Mittal, Soundararajan, Bovik, Making a "completely blind" image quality analyzer, IEEE SPL 20 (2013), equations
(1) to (8), in the form of the MATLAB code that the authors released (``niqe_release.zip``).
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import correlate1d
from scipy.special import gamma

PATCH = 96
SIGMA = 7 / 6
#: Neighbours whose products are looked at: right, below, and both diagonals.
SHIFTS = ((0, 1), (1, 0), (1, 1), (1, -1))
FEATURES = 36

# The shape parameters among which a distribution's is looked up, and E|x|² / E x² of each, which grows with the shape.
SHAPES = np.arange(0.2, 10.0005, 0.001)
RATIOS = gamma(2 / SHAPES) ** 2 / (gamma(1 / SHAPES) * gamma(3 / SHAPES))
# MATLAB's bicubic kernel (a = −1/2), stretched by two so that it also smooths, at its eight distances from a new pixel
HALVING = np.array([-0.01171875, -0.03515625, 0.11328125, 0.43359375, 0.43359375, 0.11328125, -0.03515625, -0.01171875])


def features(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features and sharpness of each whole patch of 96x96 pixels; what is left at the right and below is cut off.

    Args:
        grey: (H,W), 0…255.

    Returns:
        features (N,36): shape and width of the normalised pixels, then shape, mean, left and right width of the
        products with each of four neighbours, at full and at half size. NaN where a patch is flat.
        sharpness (N,): mean local standard deviation at full size.
    """
    rows, columns = grey.shape[0] // PATCH, grey.shape[1] // PATCH
    if not rows * columns:
        return np.zeros((0, FEATURES)), np.zeros(0)
    image = grey[: rows * PATCH, : columns * PATCH].astype(np.float64)
    found, sharpness = [], np.zeros(0)
    for size in (PATCH, PATCH // 2):
        normalised, deviation = normalise(image)
        found.append(describe(_patches(normalised, size)))
        if size == PATCH:
            sharpness = _patches(deviation, size).mean((1, 2))
            image = halve(image)
    return np.concatenate(found, axis=1), sharpness


def normalise(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each pixel less its local mean, divided by the local standard deviation plus one; and that deviation.

    Local: a 7x7 Gaussian of standard deviation 7/6; beyond the border the outermost pixels go on.
    """
    offsets = np.arange(7) - 3
    window = np.exp(-(offsets**2) / (2 * SIGMA**2))
    window /= window.sum()

    def blur(x: np.ndarray) -> np.ndarray:
        return correlate1d(correlate1d(x, window, axis=0, mode="nearest"), window, axis=1, mode="nearest")

    mean = blur(image)
    deviation = np.sqrt(np.abs(blur(image**2) - mean**2))
    return (image - mean) / (deviation + 1), deviation


def halve(image: np.ndarray) -> np.ndarray:
    """A picture (H,W) of even sides at half size, smoothed, as MATLAB's ``imresize(image, 0.5)``: bicubic, mirrored."""
    for axis in (0, 1):
        image = np.moveaxis(image, axis, 0)
        padded = np.pad(image, ((3, 3), (0, 0)), mode="symmetric")
        count = image.shape[0] // 2
        image = sum(weight * padded[k : k + 2 * count : 2] for k, weight in enumerate(HALVING))
        image = np.moveaxis(image, 0, axis)
    return image


def describe(patches: np.ndarray) -> np.ndarray:
    """18 features of each patch: (N,h,w) → (N,18)."""
    shape, left, right = asymmetric_gaussian(patches)
    found = [shape, (left + right) / 2]
    for shift in SHIFTS:
        shape, left, right = asymmetric_gaussian(patches * np.roll(patches, shift, axis=(1, 2)))
        with np.errstate(invalid="ignore"):
            found += [shape, (right - left) * gamma(2 / shape) / gamma(1 / shape), left, right]
    return np.stack(found, axis=1)


def asymmetric_gaussian(patches: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shape, left and right width of the asymmetric generalised Gaussian that fits the values (N,h,w) of each patch.

    Moments are matched: the shape is the one of :data:`SHAPES` whose ratio comes nearest to that of the values.
    Three (N,) arrays; NaN where a patch has no negative or no positive value.
    """
    values = patches.reshape(len(patches), -1)
    squares = values**2
    with np.errstate(invalid="ignore", divide="ignore"):
        left, right = (np.sqrt((squares * side).sum(1) / side.sum(1)) for side in (values < 0, values > 0))
        skew = left / right
        ratio = np.abs(values).mean(1) ** 2 / squares.mean(1)
        ratio *= (skew**3 + 1) * (skew + 1) / (skew**2 + 1) ** 2
        shape = np.where(np.isfinite(ratio), SHAPES[_nearest(RATIOS, np.nan_to_num(ratio))], np.nan)
        widen = np.sqrt(gamma(1 / shape) / gamma(3 / shape))
        return shape, left * widen, right * widen


def _nearest(ascending: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Index of the value nearest to each wanted one."""
    after = np.searchsorted(ascending, wanted).clip(1, len(ascending) - 1)
    return after - (wanted - ascending[after - 1] <= ascending[after] - wanted)


def _patches(image: np.ndarray, size: int) -> np.ndarray:
    rows, columns = image.shape[0] // size, image.shape[1] // size
    return image.reshape(rows, size, columns, size).swapaxes(1, 2).reshape(rows * columns, size, size)
