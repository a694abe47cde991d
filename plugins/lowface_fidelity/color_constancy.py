"""Colour constancy: over a whole picture the three colours are equally strong."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ColorConstancy(nn.Module):
    """``Σ (J^p − J^q)²`` over the pairs RG, RB, GB, with J the mean of a colour over a picture; mean over the batch.

    References:
        Buchsbaum, J. Franklin Inst. 310 (1980): the grey world; Guo et al., Zero-DCE, CVPR 2020, equation (6), weight
        0.5.
    """

    def forward(self, enhanced: Tensor) -> Tensor:
        """The loss of ``enhanced`` (B,3,H,W) in [0,1], a scalar in [0,2]."""
        means = enhanced.mean((2, 3), dtype=torch.promote_types(enhanced.dtype, torch.float32))
        return (means - means.roll(1, 1)).square().sum(1).mean()
