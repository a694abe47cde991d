"""Margins on the target's cosine: CosFace and ArcFace."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import torch
from annotated_types import Ge, Lt
from torch import Tensor

MarginType = Literal["cosface", "arcface"]
Margin = Annotated[float, Ge(0), Lt(1)]


def with_margin(cosine: Tensor, target: Tensor, margin: float, margin_type: MarginType = "cosface") -> Tensor:
    """Cosines whose target is made harder to reach.

    CosFace (Wang et al., CVPR 2018) takes ``margin`` off the target's cosine; ArcFace (Deng et al., CVPR 2019) adds it
    to the target's angle, with a linear continuation where the angle would pass 180 degrees.

    Args:
        cosine: (B,F) in [−1,1].
        target: (B,) int64, the column of each row's identity.
        margin: 0 changes nothing.
        margin_type: ``"cosface"`` or ``"arcface"``.
    """
    if margin == 0:
        return cosine
    column = target[:, None]
    hit = cosine.gather(1, column)
    if margin_type == "cosface":
        harder = hit - margin
    else:
        # sin would have an infinite slope at cos = ±1
        sine = (1 - hit.square()).clamp(min=1e-6).sqrt()
        turned = hit * math.cos(margin) - sine * math.sin(margin)
        harder = torch.where(hit > -math.cos(margin), turned, hit - margin * math.sin(margin))
    return cosine.scatter(1, column, harder)
