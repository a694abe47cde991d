"""SSIENet's objective: the reflectance's brightest colour has the histogram with the most information."""

from __future__ import annotations

import torch
from torch import Tensor, nn

LEVELS = 256


class MaximumEntropy(nn.Module):
    """Mean of ``|max_c R − F(max_c S)|`` over pixels, F the histogram equalisation of each picture for itself.

    Equalised, all levels are about as frequent, which is what maximises the entropy. No gradient runs through F.

    References:
        Zhang et al., SSIENet, arXiv:2002.11300 (2020), second term of the objective, weight 0.1.
    """

    def forward(self, low: Tensor, enhanced: Tensor) -> Tensor:
        """A scalar in [0,1] of ``low`` (S) and ``enhanced`` (R, SSIENet's reflectance), both (B,3,H,W) in [0,1]."""
        return (enhanced.amax(1).float() - equalized(low.amax(1)).detach()).abs().mean()


def equalized(plane: Tensor) -> Tensor:
    """Histogram equalisation in 256 levels, as OpenCV's ``equalizeHist``: (B,H,W) in [0,1] → float32, the same.

    The darkest level there is becomes 0, the brightest 1; a picture of one level stays as it is.
    """
    batch, pixels = len(plane), plane[0].numel()
    levels = (plane.float().clamp(0, 1) * (LEVELS - 1)).round().long().flatten(1)
    numbers = levels + LEVELS * torch.arange(batch, device=plane.device)[:, None]
    counts = torch.bincount(numbers.flatten(), minlength=LEVELS * batch).view(batch, LEVELS)
    darker = counts.cumsum(1)
    darkest = darker.masked_fill(darker == 0, pixels).amin(1, keepdim=True)
    spread = (darker - darkest) / (pixels - darkest).clamp(min=1)
    even = torch.where(darkest == pixels, levels / (LEVELS - 1), spread.gather(1, levels))
    return even.view_as(plane).float()
