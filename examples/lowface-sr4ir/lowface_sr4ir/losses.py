"""The losses: the enhancer stays near the good picture; the classifier learns on poor, enhanced and good patches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import torch
import torch.nn.functional as F
from annotated_types import Ge
from torch import Tensor, nn


class ReferenceL1(nn.Module):
    """Mean absolute difference to the good picture."""

    def forward(self, enhanced: Tensor, normal: Tensor) -> Tensor:
        """A scalar ≥ 0 for ``enhanced`` and ``normal``, both (B,3,H,W) in [0,1]."""
        return (enhanced - normal).abs().mean()


class MixedClassification(nn.Module):
    """Cross-entropy of the classifier on the enhanced picture, and on one put together of three.

    The latter takes each square patch from the dark, the enhanced or the good picture, in turns along both sides; which
    of them comes first is drawn anew for each batch.

    Args:
        patch: side of a patch in pixels.

    References:
        Kim, Oh and Lee, Beyond Image Super-Resolution for Image Recognition with Task-Driven Perceptual Loss, CVPR
        2024: its task network learns on mixed patches, too, which are drawn there.
    """

    def __init__(self, patch: Annotated[int, Ge(1)] = 8) -> None:
        super().__init__()
        self.patch = patch

    def forward(
        self,
        low: Tensor,
        enhanced: Tensor,
        normal: Tensor,
        identity: Tensor,
        classifier: Callable[[Tensor, str], Tensor],
    ) -> Tensor:
        """A scalar ≥ 0, in nats.

        Args:
            low, enhanced, normal: (B,3,H,W) in [0,1].
            identity: (B,) int64.
            classifier: a head with the layer ``logits``, (B,classes,1,1).
        """
        pictures = enhanced, self.mixed(low, enhanced, normal)
        terms = [F.cross_entropy(classifier(picture, "logits").flatten(1).float(), identity) for picture in pictures]
        return torch.stack(terms).mean()

    def mixed(self, low: Tensor, enhanced: Tensor, normal: Tensor) -> Tensor:
        """The picture put together, (B,3,H,W)."""
        row, column = (torch.arange(n, device=low.device) // self.patch for n in low.shape[-2:])
        first = int(torch.randint(3, ()))  # drawn on the CPU: the same on every device
        which = (first + row[:, None] + column[None, :]) % 3
        return torch.where(which == 0, low, torch.where(which == 1, enhanced, normal))
