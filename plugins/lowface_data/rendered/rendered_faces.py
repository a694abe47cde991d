"""The rendered faces as a data set: nothing to download, any number of identities, all annotations exact."""

from __future__ import annotations

import collections
from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Le

from lowface_core.data.dataset import Dataset
from lowface_core.data.depth import to_float
from lowface_core.errors import ConfigError
from lowface_core.registry.bounds import Count, Natural
from lowface_data.degradations import Degradation
from lowface_data.degradations.description import described
from lowface_data.rendered import VERSION
from lowface_data.rendered.face import LARGEST, SMALLEST, RenderedFace, render_face


class RenderedFaces(Dataset):
    """Pictures of :func:`lowface_data.rendered.face.render_face`, drawn when asked for and kept in memory.

    Picture 0 of every identity is its gallery picture; items are the pictures after it, so a probe never equals what it
    is compared with. Items come identity by identity. Pictures are multiples of 1/255, hence the same from the cache.

    Items carry ``normal``, ``labels``, ``identity``, ``box``, ``landmarks`` and ``key`` (see
    :class:`~lowface_core.data.dataset.Dataset` for shapes and units); ``low`` with a degradation; ``positive`` and
    ``negative`` with ``contrast``.

    Args:
        size: height and width in pixels, 16 to 512.
        first_identity: number of the first identity; disjoint ranges make disjoint people for training and testing.
        identities: how many people.
        pictures: items per person, besides the gallery picture.
        seed: which population.
        degradation: what turns a picture into its low-light version, or None for normal light only.
        contrast: add ``positive``, a normal-light picture of another identity, and ``negative``, a degraded picture of
            another identity; both are drawn with the item's generator. Needs a degradation and two identities.
        cache_size: how many pictures to keep in memory, 0 for none.

    Raises:
        ConfigError: ``contrast`` lacks what it needs.
    """

    def __init__(
        self,
        size: Annotated[int, Ge(SMALLEST), Le(LARGEST)] = 128,
        first_identity: Natural = 0,
        identities: Annotated[int, Ge(1), Le(1_000_000)] = 200,
        pictures: Count = 4,
        seed: Natural = 0,
        degradation: Degradation | None = None,
        contrast: bool = False,
        cache_size: Natural = 512,
    ) -> None:
        if contrast and degradation is None:
            raise ConfigError("contrast = True: needs a degradation for the negative pictures; set degradation=")
        if contrast and identities < 2:
            raise ConfigError("contrast = True: needs pictures of other people; set identities to at least 2")
        self.size, self.first_identity, self.pictures, self.seed = size, first_identity, pictures, seed
        self.degradation, self.contrast, self.cache_size = degradation, contrast, cache_size
        self.identities = [f"rendered{first_identity + k:04d}" for k in range(identities)]
        self.names = ("normal", "labels", "identity", "box", "landmarks", "key")
        if degradation is not None:
            self.names = ("low", *self.names)
        if contrast:
            self.names = (*self.names, "positive", "negative")
        self._cache: collections.OrderedDict[tuple[int, int], RenderedFace] = collections.OrderedDict()

    def __len__(self) -> int:
        """Identities times pictures; gallery pictures do not count."""
        return len(self.identities) * self.pictures

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        """One picture with its annotations; see the class for the names and the base class for the contract."""
        identity, picture = divmod(index, self.pictures)
        sample = self._sample(identity, picture + 1)
        if self.degradation is not None:
            sample["low"] = self.degradation(sample["normal"], rng)[0]
            if self.contrast:
                sample["positive"] = self._drawn(*self._other(identity, rng)).image
                sample["negative"] = self.degradation(self._drawn(*self._other(identity, rng)).image, rng)[0]
        return sample

    def coverage(self, index: int) -> np.ndarray:
        """How much of each pixel of an item is the person rather than what is behind, float32 (size, size) in [0,1]."""
        identity, picture = divmod(index, self.pictures)
        return to_float(self._drawn(identity, picture + 1).coverage)

    def gallery(self) -> Iterator[dict[str, Any]]:
        """Picture 0 of each identity in order, with its annotations; normal light only."""
        for identity in range(len(self.identities)):
            yield self._sample(identity, 0)

    def fingerprint(self) -> str:
        """Every argument that decides what the items are, and the renderer's version."""
        return (
            f"RenderedFaces:v{VERSION}:size={self.size}:first_identity={self.first_identity}"
            f":identities={len(self.identities)}:pictures={self.pictures}:seed={self.seed}"
            f":degradation={described(self.degradation)}:contrast={self.contrast}"
        )

    def _other(self, identity: int, rng: np.random.Generator) -> tuple[int, int]:
        """Another identity and one of its pictures."""
        other = (identity + int(rng.integers(1, len(self.identities)))) % len(self.identities)
        return other, int(rng.integers(1, self.pictures + 1))

    def _sample(self, identity: int, picture: int) -> dict[str, Any]:
        face = self._drawn(identity, picture)
        return {
            "normal": face.image,
            "labels": face.labels,
            "identity": identity,
            "box": face.box.copy(),
            "landmarks": face.landmarks.copy(),
            "key": f"{self.identities[identity]}_{picture}",
        }

    def _drawn(self, identity: int, picture: int) -> RenderedFace:
        """A picture from the cache of the most recently used ones, or drawn now."""
        found = self._cache.pop((identity, picture), None)
        if found is None:
            found = render_face(self.first_identity + identity, picture, self.size, self.seed)
        if self.cache_size:
            self._cache[identity, picture] = found
            if len(self._cache) > self.cache_size:
                self._cache.popitem(last=False)
        return found
