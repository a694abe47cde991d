"""Brightness contrastive regularisation, equation (3) of Low-FaceNet."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lowface_core.registry.bounds import Form, NotNegative


class BrightnessCR(nn.Module):
    """Brightness of the enhanced picture close to that of a normal-light picture, far from that of a low-light one.

    * ``form="paper"``: ``|B(e) − B(p)| / (|B(e) − B(n)| + eps)`` with B the mean of a picture over pixels and channels,
      one number a picture; averaged over the batch.
    * ``form="released"``: B is a map, the mean over the channels; the ratio is taken of the two mean absolute
      differences over all pixels of the batch. As the pictures are unpaired, the best answer of this form is much
      brighter than the positives.

    The ratio has a pole at the negative's brightness, and a picture darker than its negative is driven darker still: an
    enhancer should start brighter than the negatives. With random pairs the ratio is least a little above the mean
    brightness of the positives, because its denominator rewards distance; a larger eps lessens both effects.

    Args:
        form: ``"paper"`` or ``"released"``.
        eps: added to the denominator; 1e-7 in the paper. On faces of mean brightness 0.42 darkened to 0.1–0.35 of it
            the loss is least at 0.47 with the paper's value and at 0.44 with 0.5.
        negatives: False leaves the denominator out (the paper's ablation without negatives).

    References:
        Fan et al., Low-FaceNet, IEEE TIM 73 (2024), equation (3).
    """

    def __init__(self, form: Form = "paper", eps: NotNegative = 1e-7, negatives: bool = True) -> None:
        super().__init__()
        self.form = form
        self.eps = eps
        self.negatives = negatives
        self.logged: dict[str, Tensor] = {}

    def forward(self, enhanced: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        """The loss of a batch of ``enhanced``, ``positive`` and ``negative`` pictures (B,3,H,W) in [0,1], unpaired.

        Returns a scalar in single precision at least, 0 where every enhanced picture is as bright as its positive.
        :attr:`logged` holds the mean brightness of the enhanced and of the positive pictures.
        """
        self.logged = {"enhanced": enhanced.detach().mean(), "positive": positive.detach().mean()}
        axes = (1, 2, 3) if self.form == "paper" else (1,)  # a number a picture, or a map
        precision = torch.promote_types(enhanced.dtype, torch.float32)
        level, wanted, unwanted = (image.mean(axes, dtype=precision) for image in (enhanced, positive, negative))
        to_positive, to_negative = (level - wanted).abs(), (level - unwanted).abs()
        if self.form == "released":
            to_positive, to_negative = to_positive.mean(), to_negative.mean()
        return (to_positive / (to_negative + self.eps)).mean() if self.negatives else to_positive.mean()
