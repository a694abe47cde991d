"""Colour loss, equation (6) of Low-FaceNet: blurred colours of the enhanced picture against a normal-light one's."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from lowface_core.registry.bounds import Form

TAPS = 21  # of the released code; four decimals of a Gaussian of variance 3 need only 15


class ColorLoss(nn.Module):
    """Mean squared difference of ``enhanced`` and ``positive`` after a wide blur, which leaves colour, not texture.

    * ``form="paper"``: each channel is blurred by a Gaussian of variance 3 pixels² and unit sum, the paper's
      0.053·exp(−k²/6 − l²/6). Colours are compared channel by channel.
    * ``form="released"``: the released code passes a 21x21 kernel, the square root of a product of normal-CDF
      differences, to a full 3→3 convolution. Each output channel is then the blurred *sum* of the channels: brightness
      is compared, three times, and colour is not. Computed here as one separable blur of the channel sum.

    Both blurs pad with zeros. Blurring is linear, so the difference is blurred rather than each picture.

    Args:
        form: ``"paper"`` or ``"released"``.

    References:
        Fan et al., Low-FaceNet, IEEE TIM 73 (2024), equation (6).
    """

    kernel: Tensor

    def __init__(self, form: Form = "paper") -> None:
        super().__init__()
        self.form = form
        taps = gaussian_taps() if form == "paper" else released_taps()
        self.register_buffer("kernel", taps, persistent=False)

    def forward(self, enhanced: Tensor, positive: Tensor) -> Tensor:
        """A scalar ≥ 0 in single precision at least, for ``enhanced`` and ``positive``, both (B,3,H,W) in [0,1]."""
        precision = torch.promote_types(enhanced.dtype, torch.float32)
        # Half precision would lose the small taps of the kernel and with them its unit sum.
        with torch.autocast(enhanced.device.type, enabled=False):
            difference = enhanced.to(precision) - positive.to(precision)
            if self.form == "released":
                difference = difference.sum(1, keepdim=True)
            return blur(difference, self.kernel.to(difference)).square().mean()


def gaussian_taps(variance: float = 3.0, taps: int = TAPS) -> Tensor:
    """One-dimensional Gaussian of the given variance (pixels²) and unit sum, float64."""
    offsets = torch.arange(taps, dtype=torch.float64) - taps // 2
    weights = torch.exp(-offsets.square() / (2 * variance))
    return weights / weights.sum()


def released_taps(taps: int = TAPS, deviations: float = 3.0) -> Tensor:
    """One-dimensional factor of the released kernel, unit sum, float64.

    The released kernel is the square root of p·pᵀ, with p the normal probabilities of ``taps`` equal bins that cover
    ± ``deviations`` and a sixth of a deviation more. Its factor is the square root of p, near to a Gaussian of variance
    19 pixels².
    """
    half = deviations + (deviations + 0.5) / taps
    edges = torch.linspace(-half, half, taps + 1, dtype=torch.float64)
    cumulative = 0.5 * (1 + torch.erf(edges / math.sqrt(2)))
    weights = cumulative.diff().sqrt()
    return weights / weights.sum()


def blur(image: Tensor, kernel: Tensor) -> Tensor:
    """Separable blur of every channel of (B,C,H,W) by a symmetric odd kernel, zeros outside."""
    batch, channels, height, width = image.shape
    flat = image.reshape(batch * channels, 1, height, width)
    reach = kernel.numel() // 2
    flat = functional.conv2d(flat, kernel.view(1, 1, -1, 1), padding=(reach, 0))
    flat = functional.conv2d(flat, kernel.view(1, 1, 1, -1), padding=(0, reach))
    return flat.reshape(batch, channels, height, width)
