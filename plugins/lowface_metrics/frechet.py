"""Fréchet distance between two sets of feature vectors, in constant memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lowface_core.errors import LowfaceError


class Moments:
    """Mean and covariance of vectors that come in batches; float64, D·(D+1) numbers whatever their count.

    Batches are merged by their means and scatters (Chan, Golub, LeVeque 1979), which does not cancel where plain sums
    of squares would.
    """

    def __init__(self) -> None:
        self.count = 0
        self.mean = torch.zeros(0, dtype=torch.float64)  # (D,)
        self._scatter = torch.zeros(0, 0, dtype=torch.float64)

    def add(self, vectors: Tensor) -> None:
        """Takes in (B,D)."""
        x = vectors.detach().cpu().double()
        count, mean = len(x), x.mean(0)
        away = x - mean
        scatter = away.T @ away
        if not self.count:
            self.count, self.mean, self._scatter = count, mean, scatter
            return
        total = self.count + count
        between = mean - self.mean
        scatter += torch.outer(between, between) * (self.count * count / total)
        self._scatter += scatter
        self.mean = self.mean + between * (count / total)
        self.count = total

    @property
    def covariance(self) -> Tensor:
        """(D,D), unbiased: divided by the count less one.

        Raises:
            LowfaceError: there are fewer than two vectors.
        """
        if self.count < 2:
            raise LowfaceError(f"fid: a set of {self.count} pictures has no covariance; give it two at least")
        return self._scatter / (self.count - 1)

    def state(self) -> dict[str, Any]:
        """What :meth:`load_state` needs to go on from here."""
        return {"count": self.count, "mean": self.mean.clone(), "scatter": self._scatter.clone()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Goes on from a :meth:`state`."""
        self.count = int(state["count"])
        self.mean, self._scatter = (torch.as_tensor(state[key]).clone() for key in ("mean", "scatter"))


def frechet_distance(mean_a: Tensor, covariance_a: Tensor, mean_b: Tensor, covariance_b: Tensor) -> float:
    """Squared Fréchet distance of two Gaussians: ``|μa − μb|² + tr(Σa + Σb − 2 (Σa Σb)^½)``.

    The trace of the root is the sum of the roots of the eigenvalues of ``Σa^½ Σb Σa^½``, which is symmetric and has
    those of ``Σa Σb``: two symmetric eigenvalue problems, no root of a matrix that has none. What rounding makes
    negative counts as zero.

    Args:
        mean_a, mean_b: (D,).
        covariance_a, covariance_b: (D,D), symmetric, positive semidefinite.

    Returns:
        the distance, at least 0, in float64.

    References:
        Dowson, Landau, The Fréchet distance between multivariate normal distributions, J. Multivariate Analysis 12
        (1982); Heusel et al., GANs trained by a two time-scale update rule …, NeurIPS 2017, equation (6).
    """
    a, b = covariance_a.double(), covariance_b.double()
    values, vectors = torch.linalg.eigh(a)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    middle = root @ b @ root
    shared = torch.linalg.eigvalsh((middle + middle.T) / 2).clamp(min=0).sqrt().sum()
    away = (mean_a.double() - mean_b.double()).square().sum()
    return max(float(away + a.trace() + b.trace() - 2 * shared), 0.0)
