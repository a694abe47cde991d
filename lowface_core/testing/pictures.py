"""Small rendered faces with every annotation, for tests that need no download."""

from __future__ import annotations

import functools
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from lowface_core.config.build import build
from lowface_core.data.batches import collate
from lowface_core.data.dataset import Dataset

#: Side of the rendered pictures before they are brought to the size asked for.
RENDERED = 64


@functools.lru_cache(maxsize=8)
def tiny_dataset(identities: int = 4, size: int = 32) -> Dataset:
    """Rendered faces, darkened to a fifth up to a third: one item and one gallery picture a person.

    Args:
        identities: number of people, at least 2.
        size: height and width in pixels, 16 to 512.
    """
    darkening = {"type": "linear", "low": 0.2, "high": 0.33}
    return build(
        "dataset", "rendered_faces", size=size, identities=identities, pictures=1, contrast=True, degradation=darkening
    )


@functools.lru_cache(maxsize=8)
def _rendered(pictures: int) -> dict[str, Any]:
    dataset = tiny_dataset(max(pictures, 2), RENDERED)
    return collate([dataset[index] for index in range(pictures)])


def tiny_batch(height: int = 32, width: int = 32, pictures: int = 4) -> dict[str, Any]:
    """A training batch of rendered faces of different people, the same at every call; new tensors each time.

    Args:
        height, width: pixels, from 1; faces are squeezed where the two differ.
        pictures: B, from 1.

    Returns:
        ``low``, ``normal``, ``positive``, ``negative`` (B,3,H,W) float32 RGB in [0,1]; ``labels`` (B,H,W) int64;
        ``identity`` (B,) int64; ``box`` (B,4) xyxy and ``landmarks`` (B,5,2) xy pixels; ``key`` list of str.
    """
    batch: dict[str, Any] = {k: v.clone() if isinstance(v, Tensor) else list(v) for k, v in _rendered(pictures).items()}
    if (height, width) == (RENDERED, RENDERED):
        return batch
    for name in ("low", "normal", "positive", "negative"):
        small = F.interpolate(batch[name], size=(height, width), mode="bilinear", antialias=True)
        batch[name] = small.clamp(0, 1)
    labels = F.interpolate(batch["labels"][:, None].float(), size=(height, width), mode="nearest-exact")
    batch["labels"] = labels[:, 0].long()
    scale = torch.tensor([width / RENDERED, height / RENDERED])
    batch["landmarks"] = (batch["landmarks"] + 0.5) * scale - 0.5  # pixel centres are whole numbers
    batch["box"] = batch["box"] * scale.repeat(2)
    return batch
