"""The two losses: stay near the clear picture, and let the frozen classifier see who it is."""

from __future__ import annotations

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor, nn


class PixelL1(nn.Module):
    """Mean absolute difference to the clear picture."""

    def forward(self, enhanced: Tensor, normal: Tensor) -> Tensor:
        """The loss of a batch, a scalar ≥ 0.

        Args:
            enhanced, normal: (B,3,H,W) in [0,1].
        """
        return (enhanced - normal).abs().mean()


class Classification(nn.Module):
    """Cross-entropy of a frozen classifier on the enhanced picture; its gradient reaches the enhancer, not itself."""

    def forward(self, enhanced: Tensor, identity: Tensor, classifier: Callable[[Tensor], Tensor]) -> Tensor:
        """The loss of a batch, a scalar ≥ 0, in nats.

        Args:
            enhanced: (B,3,H,W) in [0,1].
            identity: (B,) int64.
            classifier: the head of that name, picture → logits (B,C).
        """
        return F.cross_entropy(classifier(enhanced).float(), identity)
