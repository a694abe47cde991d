"""Same person or not: accuracy of one threshold on cosine similarity."""

from __future__ import annotations

import torch
from torch import Tensor


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
    if len(similarity) < 2:
        return float("nan")
    columns = torch.arange(len(gallery), device=similarity.device)
    genuine = same.int().argmax(1)
    distance = (columns - genuine[:, None] - 1) % len(gallery)  # 0 for the next column, wrapping round
    impostor = distance.masked_fill(same, len(gallery)).argmin(1)
    pairs = torch.stack([similarity.gather(1, c[:, None])[:, 0] for c in (genuine, impostor)], 1)
    halves = (pairs[0::2], pairs[1::2])
    right = sum(_count(halves[1 - half], _threshold(halves[half])) for half in (0, 1))
    return right / (2 * len(pairs))


def _count(pairs: Tensor, threshold: float) -> int:
    """Right decisions among (genuine, impostor) cosines."""
    return int((pairs[:, 0] >= threshold).sum() + (pairs[:, 1] < threshold).sum())


def _threshold(pairs: Tensor) -> float:
    """The threshold with most right decisions; between two cosines, in the middle of the best gap."""
    values = pairs.flatten().sort().values
    candidates = torch.cat([values[:1] - 1e-3, (values[1:] + values[:-1]) / 2, values[-1:] + 1e-3])
    right = (pairs[:, :1] >= candidates).sum(0) + (pairs[:, 1:] < candidates).sum(0)
    return float(candidates[right.argmax()])
