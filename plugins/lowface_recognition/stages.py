"""The pictures of each stage: low, enhanced, normal; made on the fly, the same whenever they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from lowface_core.data.keyed_rng import keyed_rng
from lowface_core.inference import outputs_of
from lowface_recognition.photos import Photo

Degradation = Callable[[np.ndarray, np.random.Generator], tuple[np.ndarray, dict[str, float]]]


class Stages:
    """Makes pictures of the stages.

    With a degradation, the pictures given are normal-light ones and ``low`` is made from them, with noise that depends
    on seed and key alone; without, they are the low-light pictures themselves.

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
        normal = self.degradation is not None or all(photo.has_normal for photo in photos)
        return ("low", *(["enhanced"] if self.enhancer is not None else []), *(["normal"] if normal else []))

    def make(self, photos: Sequence[Photo], stages: Sequence[str]) -> dict[str, list[Tensor]]:
        """Pictures (3,H,W) float32 RGB in [0,1] of each of the stages; see :meth:`read` and :meth:`enhanced`."""
        read = [self.read(photo, stages) for photo in photos]
        return self.enhanced(
            {stage: [one[stage] for one in read] for stage in read[0]}, stages, [photo.key for photo in photos]
        )

    def read(self, photo: Photo, stages: Sequence[str]) -> dict[str, Tensor]:
        """A picture in those of the stages that are no enhancer's work.

        Raises:
            DataError: a file cannot be read.
        """
        pictures = photo.read()
        made = {}
        if "low" in stages:
            low = pictures["low"]
            if self.degradation is not None:
                low, _ = self.degradation(pictures["normal"], keyed_rng(self.seed, photo.key))
            made["low"] = low
        if "normal" in stages:
            partner = photo.partner if self.degradation is None else None
            made["normal"] = (partner.read() if partner is not None else pictures)["normal"]
        return {stage: torch.from_numpy(np.ascontiguousarray(made[stage], dtype=np.float32)) for stage in made}

    @torch.no_grad()
    def enhanced(
        self, made: dict[str, list[Tensor]], stages: Sequence[str], keys: Sequence[str]
    ) -> dict[str, list[Tensor]]:
        """Adds the stage ``enhanced`` to pictures that were read, where it is one of the stages; ``keys`` name them."""
        if "enhanced" in stages:
            assert self.enhancer is not None  # otherwise there is no such stage
            made["enhanced"] = list(made["low"])
            for places, pictures in by_size(made["low"]):
                names = [keys[place] for place in places]
                out = outputs_of(self.enhancer, pictures.to(self.device), names)["enhanced"].float().cpu()
                for place, picture in zip(places, out, strict=True):
                    made["enhanced"][place] = picture
        return made


def by_size(pictures: Sequence[Tensor]) -> Iterator[tuple[list[int], Tensor]]:
    """Pictures of one size together: their places and (B,3,H,W)."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for place, picture in enumerate(pictures):
        groups.setdefault(tuple(picture.shape), []).append(place)
    for places in groups.values():
        yield places, torch.stack([pictures[place] for place in places])
