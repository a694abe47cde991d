"""Illumination smoothness loss, equation (7) of Low-FaceNet."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lowface_core.registry.bounds import Form, Positive

#: Half of the 24 neighbours of a 5x5 window, as (rows down, columns right). The other half are the same pixel pairs
#: seen from the other end, with the same weights and differences, so each of these counts twice.
DIRECTIONS = ((0, 1), (0, 2), *((down, right) for down in (1, 2) for right in (-2, -1, 0, 1, 2)))


class SmoothnessLoss(nn.Module):
    """Illumination varies only where the low-light picture does.

    For each of the K = 24 directions k of a 5x5 neighbourhood, with ∇_k the difference of two pixels:

    * ``form="paper"``: mean over pixels of ``w_k · Σ_c |∇_k I^c|``, with
      ``w_k = exp(−Σ_c (∇_k low^c)² / (2 sigma²))``: an illumination step costs little on a strong edge of the picture.
    * ``form="released"``: ``mean(w_k) · mean(|∇_k I|)``, means over all pixels and channels, with
      ``w_k = exp(−0.5 · sigma² · Σ_c (∇_k low^c)²)``, which is 1 to two decimals: edges are not respected.

    The 24 terms are summed. Pairs of pixels that reach over the border are left out; so are directions longer than the
    picture.

    Args:
        sigma: scale of the picture's differences, in units of its [0,1] range; 0.1 in the paper.
        form: ``"paper"`` or ``"released"``.

    References:
        Fan et al., Low-FaceNet, IEEE TIM 73 (2024), equation (7).
    """

    def __init__(self, sigma: Positive = 0.1, form: Form = "paper") -> None:
        super().__init__()
        self.sigma = sigma
        self.form = form

    def forward(self, low: Tensor, illumination: Tensor) -> Tensor:
        """A scalar ≥ 0 in single precision at least, 0 for a constant illumination, for ``low`` (B,3,H,W) in [0,1].

        ``illumination`` is (B,1,H,W) or (B,3,H,W). The paper's form sums over the channels there are.
        """
        illumination = illumination.to(torch.promote_types(illumination.dtype, torch.float32))
        low = low.to(illumination.dtype)
        scale = -0.5 / self.sigma**2 if self.form == "paper" else -0.5 * self.sigma**2
        total = illumination.sum() * 0.0  # a picture of one pixel has no pairs, yet its loss must carry a gradient
        for down, right in DIRECTIONS:
            if down >= low.shape[-2] or abs(right) >= low.shape[-1]:
                continue
            weight = (scale * step(low, down, right).square().sum(1, keepdim=True)).exp()
            change = step(illumination, down, right).abs()
            if self.form == "paper":
                total = total + 2 * (weight * change).sum(1).mean()
            else:
                total = total + 2 * weight.mean() * change.mean()
        return total


def step(image: Tensor, down: int, right: int) -> Tensor:
    """Difference of the pixels ``down`` rows and ``right`` columns apart, for the pairs inside the picture."""
    height, width = image.shape[-2:]
    here = image[..., : height - down, max(0, -right) : width - max(0, right)]
    there = image[..., down:, max(0, right) : width - max(0, -right)]
    return there - here
