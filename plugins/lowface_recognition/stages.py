"""The pictures of each stage: low, enhanced, normal; made on the fly, the same whenever they are made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from lowface_core.data.images import read_image
from lowface_recognition.photos import Photo

Degradation = Callable[[np.ndarray, np.random.Generator], tuple[np.ndarray, dict[str, float]]]


def generator_for(key: str, seed: int) -> np.random.Generator:
    """The picture's own source of randomness: it depends on seed and key, not on order, batches or folders."""
    digest = hashlib.sha256(key.encode()).digest()
    return np.random.default_rng([seed, *np.frombuffer(digest[:16], dtype="<u4").tolist()])


class Stages:
    """Makes pictures of the stages.

    With a degradation, files are normal-light pictures and ``low`` is made from them; without, files are the low-light
    pictures themselves, and ``normal`` is read from :attr:`Photo.normal`.

    Args:
        degradation: darkens, or None.
        enhancer: (B,3,H,W) → the same, or None: there is no stage ``enhanced``.
        seed: of the degradation's draws.
        device: where the enhancer runs.
    """

    def __init__(
        self, degradation: Degradation | None, enhancer: nn.Module | None, seed: int, device: torch.device
    ) -> None:
        self.degradation, self.enhancer, self.seed, self.device = degradation, enhancer, seed, device

    def of(self, photos: Sequence[Photo]) -> tuple[str, ...]:
        """The stages there are for these pictures."""
        normal = self.degradation is not None or all(photo.normal is not None for photo in photos)
        return ("low", *(["enhanced"] if self.enhancer is not None else []), *(["normal"] if normal else []))

    def make(self, photos: Sequence[Photo], stages: Sequence[str]) -> dict[str, list[Tensor]]:
        """Pictures (3,H,W) float32 RGB in [0,1] of each stage asked for.

        Raises:
            DataError: a file cannot be read.
        """
        made: dict[str, list[Tensor]] = {stage: [] for stage in stages}
        lows: list[Tensor] = []
        for photo in photos:
            low, normal = self._read(photo, stages)
            if normal is not None and "normal" in made:
                made["normal"].append(normal)
            if low is not None:
                lows.append(low)
        if "low" in made:
            made["low"] = lows
        if "enhanced" in made:
            made["enhanced"] = self._enhance(lows)
        return made

    def _read(self, photo: Photo, stages: Sequence[str]) -> tuple[Tensor | None, Tensor | None]:
        dark = "low" in stages or "enhanced" in stages
        if self.degradation is None:
            low = torch.from_numpy(read_image(photo.path)) if dark else None
            normal = torch.from_numpy(read_image(photo.normal)) if photo.normal and "normal" in stages else None
            return low, normal
        picture = read_image(photo.path)
        low = None
        if dark:
            darkened, _ = self.degradation(picture, generator_for(photo.key, self.seed))
            low = torch.from_numpy(np.ascontiguousarray(darkened, dtype=np.float32))
        return low, torch.from_numpy(picture)

    @torch.no_grad()
    def _enhance(self, lows: list[Tensor]) -> list[Tensor]:
        assert self.enhancer is not None  # "enhanced" is no stage otherwise
        out: list[Tensor] = [torch.empty(0)] * len(lows)
        for places in by_size(lows):
            enhanced = self.enhancer(torch.stack([lows[place] for place in places]).to(self.device))
            for place, picture in zip(places, enhanced.float().cpu(), strict=True):
                out[place] = picture
        return out


def by_size(pictures: Sequence[Tensor]) -> list[list[int]]:
    """Places of pictures of one size together, in order."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for place, picture in enumerate(pictures):
        groups.setdefault(tuple(picture.shape), []).append(place)
    return list(groups.values())
