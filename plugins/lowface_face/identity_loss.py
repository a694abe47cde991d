"""The face loss: cross-entropy of a picture's identity over its similarities to the gallery."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import torch
import torch.nn.functional as F
from annotated_types import Gt
from torch import Tensor, nn

from lowface_core.errors import ConfigError, LowfaceError

from .margin import Margin, MarginType, with_margin

#: See the class' ``scale``.
SCALE = 16.0


class IdentityLoss(nn.Module):
    """Face identification loss, equation (10) of Low-FaceNet (Fan et al., TIM 2024).

    Args:
        form: ``"paper"`` (default) leaves pictures without a detected face out of the mean. ``"released"`` is the
            released code's: scale 1, no margin, and a picture without a face counts with logits of zero (log F, no
            gradient).
        scale: multiplies the cosines before the softmax; 16 when not given. Cosines lie in [−1,1], so unscaled
            the softmax over F identities can never become sure: at F = 1000 the right answer's probability ends below
            0.8 percent, and the gradient is nearly the same for a right and a wrong picture. Confidence p needs about
            log((F−1) p / (1−p)) (CosFace, section 3.3): 16 gives 0.999 up to ten thousand identities, while the
            64 used to train encoders leaves no gradient to pictures that are merely recognised.
        margin: taken off the right identity's cosine (``"cosface"``) or added to its angle (``"arcface"``).
        margin_type: ``"cosface"`` or ``"arcface"``.

    Attributes:
        logged: after each call ``{"undetected": share of pictures without a face}``.

    Raises:
        ConfigError: a scale or margin with the released form.
    """

    def __init__(
        self,
        form: Literal["paper", "released"] = "paper",
        scale: Annotated[float, Gt(0)] | None = None,
        margin: Margin = 0.0,
        margin_type: MarginType = "cosface",
    ) -> None:
        super().__init__()
        if form == "released" and (scale not in (None, 1, 1.0) or margin):
            raise ConfigError("identity: form='released' has scale 1 and no margin; leave both out or use form='paper'")
        self.form = form
        self.scale = (1.0 if form == "released" else SCALE) if scale is None else float(scale)
        self.margin, self.margin_type = margin, margin_type
        self.logged: dict[str, Tensor] = {}

    def forward(self, enhanced: Tensor, identity: Tensor, face: Any) -> Tensor:
        """Mean cross-entropy over the batch.

        Args:
            enhanced: (B,3,H,W) in [0,1].
            identity: (B,) int64.
            face: a head that gives a :class:`lowface_face.face.FaceMatch`.

        Returns:
            A scalar ≥ 0; zero, with a graph, when the paper's form finds no face at all.

        Raises:
            LowfaceError: there is no gallery, or it lacks an identity of the batch.
        """
        match = face(enhanced)
        if match.similarity is None:
            raise LowfaceError(
                "identity: the face head has no gallery for this dataset; use a dataset whose gallery() yields pictures"
            )
        identity = identity.to(match.gallery_identity.device)
        found = match.found
        self.logged = {"undetected": 1.0 - found.float().mean()}
        hits = match.gallery_identity == identity[:, None]
        missing = ~hits.any(1)
        if missing.any():
            names = ", ".join(str(i) for i in sorted(set(identity[missing].tolist()))[:5])
            raise LowfaceError(
                f"identity: the gallery has no picture of identity {names}; check the dataset's gallery()"
            )
        target = hits.int().argmax(1)
        if self.form == "released":
            loss = F.cross_entropy(match.similarity, target)
        elif found.any():
            cosine = with_margin(match.similarity[found], target[found], self.margin, self.margin_type)
            loss = F.cross_entropy(self.scale * cosine, target[found])
        else:
            loss = match.similarity.sum() * 0.0
        # Without a face nothing ties the loss to the picture; a run whose only loss this is must not stop there.
        return loss if found.any() else loss + torch.nan_to_num(enhanced).sum() * 0.0
