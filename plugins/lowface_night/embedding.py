"""The embedding of the enhanced face is drawn to that of the normal one, and away from other people's."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import torch
import torch.nn.functional as F
from annotated_types import Ge, Le
from torch import Tensor, nn

from lowface_core.registry.bounds import Count, Natural, Positive

#: Stands for the cosine to nobody: as good as minus infinity, with gradients that are numbers.
NOBODY = 1e4


class EmbeddingLoss(nn.Module):
    """How far a recogniser is from taking the enhanced face e for the normal one n of the same picture.

    Three forms, over the faces found in both pictures; negatives are the normal faces of other people in the batch and
    the last ``queue`` of earlier batches:

    * ``"pull"``: ``1 − cos(e, n)``; needs no negatives, and may draw strangers nearer, too.
    * ``"infonce"``: ``−log(p / (p + negatives · mean q))`` with ``p = exp(cos(e, n) / temperature)`` and q the same of
      each negative: cross-entropy of n among that many others, however many a batch holds.
    * ``"triplet"``: ``max(0, cos(e, nearest negative) − cos(e, n) + margin)``.

    Args:
        form: see above.
        temperature, negatives: of ``"infonce"``.
        margin: of ``"triplet"``, a difference of cosines.
        queue: embeddings of earlier normal pictures that are kept as further negatives, with their identities. They
            live as long as the run: a resumed one starts with an empty queue.

    Attributes:
        logged: after each call ``{"cosine": mean cos(e, n)}``.

    References:
        van den Oord et al., "Representation learning with contrastive predictive coding", 2018, equation (4); Schroff
        et al., "FaceNet", CVPR 2015, equation (3), with its hardest negative; queue: He et al., "Momentum contrast",
        CVPR 2020, section 3.2.
    """

    kept: Tensor
    kept_identity: Tensor

    def __init__(
        self,
        form: Literal["pull", "infonce", "triplet"] = "pull",
        temperature: Positive = 0.1,
        negatives: Count = 64,
        margin: Annotated[float, Ge(0), Le(2)] = 0.3,
        queue: Natural = 0,
    ) -> None:
        super().__init__()
        self.form, self.temperature, self.negatives = form, temperature, negatives
        self.margin, self.queue = margin, queue
        self.register_buffer("kept", torch.empty(0, 0), persistent=False)
        self.register_buffer("kept_identity", torch.empty(0, dtype=torch.int64), persistent=False)
        self.logged: dict[str, Tensor] = {}

    def forward(self, enhanced: Tensor, normal: Tensor, face: Any, identity: Tensor | None = None) -> Tensor:
        """Scalar ≥ 0; zero, with a graph, when no face is found.

        Args:
            enhanced, normal: (B,3,H,W) in [0,1]; normal receives no gradient.
            face: a head that gives a :class:`lowface_face.face.FaceMatch`.
            identity: (B,) int64; without it every picture of the batch counts as another person.
        """
        given, wanted = face(enhanced), face(normal)
        found = given.found & wanted.found
        if not found.any():
            return torch.nan_to_num(enhanced).sum() * 0.0
        e, n = given.embedding[found].float(), wanted.embedding[found].detach().float()
        if identity is None:
            identity = torch.arange(len(found), device=e.device)
        who = identity.to(e.device)[found]
        cosine = (e * n).sum(1)
        self.logged = {"cosine": cosine.detach().mean()}
        if self.form == "pull":
            return (1 - cosine).mean()
        others, theirs = n, who
        if self.kept.shape[1] == n.shape[1]:
            others, theirs = torch.cat([n, self.kept.to(n)]), torch.cat([who, self.kept_identity.to(who)])
        same = theirs[None] == who[:, None]
        cosines = (e @ others.T).masked_fill(same, -NOBODY)
        if self.queue and self.training:
            self.kept, self.kept_identity = others[: self.queue], theirs[: self.queue]
        if self.form == "infonce":
            mean = torch.logsumexp(cosines / self.temperature, 1) - (~same).sum(1).clamp(min=1).log()
            return F.softplus(mean + math.log(self.negatives) - cosine / self.temperature).mean()
        nearest = cosines.amax(1).clamp(min=-1)  # nobody else: as far away as can be
        return (nearest - cosine + self.margin).clamp(min=0).mean()
