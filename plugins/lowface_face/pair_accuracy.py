"""Same person or not: accuracy of one threshold on cosine similarity."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from lowface_recognition.verification import scores_of


def verification_accuracy(similarity: Tensor, probe: Tensor, gallery: Tensor) -> float:
    """Accuracy over as many pairs of different people as of the same person.

    A probe's genuine pair is the gallery picture of its own identity; its impostor pair is the next column of another
    identity. The threshold is chosen on one half of the probes and counted on the other, both ways.

    Args:
        similarity: (P,F).
        probe: (P,) identity of each row.
        gallery: (F,) identity of each column.

    Returns:
        Share of right decisions in [0,1]; NaN when there are fewer than two probes with both kinds of pair.
    """
    same = probe[:, None] == gallery[None]
    usable = same.any(1) & ~same.all(1)
    similarity, same = similarity[usable], same[usable]
    count, columns = len(similarity), torch.arange(len(gallery), device=similarity.device)
    if count < 2:
        return float("nan")
    genuine = same.int().argmax(1)
    distance = (columns - genuine[:, None] - 1) % len(gallery)  # 0 for the next column, wrapping round
    impostor = distance.masked_fill(same, len(gallery)).argmin(1)
    scores = torch.cat([similarity.gather(1, column[:, None])[:, 0] for column in (genuine, impostor)])
    folds = scores_of(
        scores.double().cpu().numpy(),
        found=np.ones(2 * count, dtype=bool),
        same=np.arange(2 * count) < count,
        fold=np.tile(np.arange(count) % 2, 2),
    )
    return float(folds.right.mean())
