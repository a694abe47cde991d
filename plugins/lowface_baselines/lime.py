"""LIME: the illumination is the channels' maximum, smoothed where the picture has no structure."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from lowface_baselines.by_picture import ByPicture
from lowface_baselines.grid_system import solve
from lowface_core.registry.bounds import NotNegative, Positive

#: Pixels on each side of the Gaussian window, as in implementations that others compare with.
REACH = 7


class LIME(ByPicture):
    """Divides a picture by its illumination, estimated from the picture alone; learns nothing.

    The first estimate t̂ is the largest channel of each pixel. The refined illumination t solves one sparse linear
    system, t + λ·L(w)·t = t̂, in which L(w) is the Laplacian of the 4 neighbours with each neighbour weighted by its own
    w_d = Σ G / ((|Σ G·∇_d t̂| + ε)(|∇_d t̂| + ε)), d across or down, G a Gaussian window of 15x15 pixels: gradients that
    cancel within the window (texture) are smoothed, those that add up (edges) stay. Enhanced is low divided by
    clip(t, ε, 1)^gamma.

    (B,3,H,W) in [0,1] → the same. Not differentiable: runs under ``no_grad``. The system couples all pixels of a
    picture, so there is no ``receptive_radius``.

    Args:
        gamma: exponent of the illumination; 0 changes nothing, 1 makes the illumination flat.
        lambda_: weight λ of smoothness; 0 keeps the first estimate.
        sigma: standard deviation of the window, in pixels.
        eps: ε, which keeps divisors away from zero; also the least illumination.

    References:
        Guo, Li, Ling, LIME: Low-light image enhancement via illumination map estimation, IEEE TIP 26 (2017): the
        sped-up solver, equations (17) to (19), weighting strategy III. Gradients are central differences there and the
        weight of a pair of neighbours is the other one's, as in the implementation that published comparisons use, so
        the system is not symmetric. The denoising by BM3D that the paper adds is left out.
    """

    def __init__(
        self, gamma: NotNegative = 0.6, lambda_: NotNegative = 0.15, sigma: Positive = 3.0, eps: Positive = 1e-3
    ) -> None:
        super().__init__()
        self.gamma, self.lambda_, self.sigma, self.eps = gamma, lambda_, sigma, eps

    def picture(self, low: np.ndarray) -> np.ndarray:
        """One picture, float32 (H,W,3) RGB in [0,1] → the same; what exceeds 1 is clipped afterwards."""
        illumination = self.refine(low.max(axis=2).astype(np.float64))
        return low / np.clip(illumination, self.eps, 1.0)[..., None] ** self.gamma

    def refine(self, first: np.ndarray) -> np.ndarray:
        """The refined illumination of a first estimate, both float64 (H,W) in [0,1]."""
        across, down = (self.lambda_ * self.weights(first, axis) for axis in (1, 0))
        return solve(across, down, first)

    def weights(self, first: np.ndarray, axis: int) -> np.ndarray:
        """How strongly each pixel draws its neighbours along an axis, float64 (H,W), all positive."""
        gradient = ndimage.correlate1d(first, [-1.0, 0.0, 1.0], axis=axis, mode="mirror")
        return (
            self._window(np.ones_like(first))
            / (np.abs(self._window(gradient)) + self.eps)
            / (np.abs(gradient) + self.eps)
        )

    def _window(self, values: np.ndarray) -> np.ndarray:
        """Sums over the Gaussian window; outside the picture there is nothing."""
        kernel = np.exp(-0.5 * (np.arange(-REACH, REACH + 1) / self.sigma) ** 2)
        for axis in (0, 1):
            values = ndimage.correlate1d(values, kernel, axis=axis, mode="constant")
        return values
