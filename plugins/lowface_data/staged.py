"""Rendered faces before drawn places, with texture at the scale of pixels."""

from __future__ import annotations

from typing import Annotated, Any

import cv2
import numpy as np
from annotated_types import Gt, Le

from lowface_core.data.dataset import Dataset
from lowface_core.data.depth import to_float
from lowface_core.errors import ConfigError
from lowface_core.registry.bounds import Count, Natural, Share
from lowface_data.rendered.places import PLACES_VERSION, draw_place
from lowface_data.rendered.textures import weave
from lowface_data.wrapped import Wrapped

Scale = Annotated[float, Gt(0), Le(4)]
_CLOTHS = 40


class Staged(Wrapped):
    """The people of a data set, moved and scaled, before places of :func:`lowface_data.rendered.places.draw_place`.

    For enhancers that are trained without photographs: faces before smooth backgrounds teach nothing of leaves, cloth,
    writing and lamps. Clothes get a weave. Everything a sample carries moves along: ``normal``, float32 (3,H,W) in
    [0,1], ``labels``, ``box`` (clipped) and ``landmarks``. Places are drawn once and kept in memory; a sample shows a
    part of one, sometimes mirrored. The gallery is that of the data set inside.

    Args:
        dataset: supplies ``normal`` and ``labels`` and no ``low``. One with ``coverage(index)``, such as
            ``rendered_faces``, tells what is person; of others, all that has a label is.
        scale: interval of the person's scale. The lower edge of the picture is kept covered.
        places: how many different places; 0.15 MB each at 176 pixels.
        clothed: probability that clothes get a weave; needs ``coverage``.
        seed: which world of places.

    Raises:
        ConfigError: the data set does not supply what is needed.
    """

    def __init__(
        self,
        dataset: Dataset,
        scale: tuple[Scale, Scale] = (0.55, 1.15),
        places: Count = 300,
        clothed: Share = 0.7,
        seed: Natural = 0,
    ) -> None:
        if not {"normal", "labels"} <= set(dataset.names):
            raise ConfigError(
                f"staged: the data set inside has {', '.join(dataset.names)}; it must have normal, labels"
            )
        if pictures := {"low", "positive", "negative"} & set(dataset.names):
            cure = 'leave its degradation out and put dict(type="darkened", …) around'
            raise ConfigError(f"staged: the data set inside has {', '.join(sorted(pictures))}; {cure}")
        if scale[0] > scale[1]:
            raise ConfigError(f"staged: scale = {scale!r} is the wrong way round; swap the two")
        super().__init__(dataset)
        self.scale, self.places, self.clothed, self.seed = scale, places, clothed, seed
        self._places: dict[tuple[int, int], np.ndarray] = {}
        self._cloths: dict[tuple[int, int], np.ndarray] = {}

    def fingerprint(self) -> str:
        return (
            f"Staged:v{PLACES_VERSION}:scale={tuple(self.scale)}:places={self.places}:clothed={self.clothed}"
            f":seed={self.seed}:{self.dataset.fingerprint()}"
        )

    def __getstate__(self) -> dict[str, Any]:
        """Without the places, which another process draws again."""
        return {**self.__dict__, "_places": {}, "_cloths": {}}

    def changed(self, index: int, sample: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
        """The person moved and scaled before a drawn place."""
        image, labels = sample["normal"].transpose(1, 2, 0), sample["labels"]
        told = getattr(self.dataset, "coverage", None)
        coverage = (labels > 0).astype(np.float32) if told is None else told(index)
        if told is not None and rng.random() < self.clothed:
            image = self._clothed(image, np.where(labels == 0, coverage, 0), rng)
        height, width = labels.shape
        matrix = placing(height, width, float(rng.uniform(*self.scale)), rng)
        size = (width, height)
        # what lies at the edge of a person holds some of the old background: it counts for less
        share = cv2.warpAffine(coverage**2, matrix, size)[..., None]
        person = cv2.warpAffine(np.ascontiguousarray(image), matrix, size, borderMode=cv2.BORDER_REPLICATE)
        picture = self._place(height, width, rng)
        picture += (person - picture) * share
        moved = dict(sample)
        moved["normal"] = np.ascontiguousarray(picture.transpose(2, 0, 1))
        moved["labels"] = cv2.warpAffine(labels.astype(np.uint8), matrix, size, flags=cv2.INTER_NEAREST).astype(
            np.int64
        )
        if "landmarks" in sample:
            moved["landmarks"] = moved_points(sample["landmarks"], matrix)
        if "box" in sample:
            corners = moved_points(sample["box"].reshape(2, 2), matrix)
            moved["box"] = np.clip(corners, 0, np.array([width - 1, height - 1], np.float32)).reshape(4)
        return moved

    def _place(self, height: int, width: int, rng: np.random.Generator) -> np.ndarray:
        """A part of a place, float32 (H,W,3), a new array."""
        side = max(height, width) * 5 // 4
        key = int(rng.integers(self.places)), side
        if key not in self._places:
            self._places[key] = draw_place(*key, self.seed)
        top, left = (int(rng.integers(side - length + 1)) for length in (height, width))
        part = self._places[key][top : top + height, left : left + width]
        return to_float(np.ascontiguousarray(part[:, ::-1] if rng.random() < 0.5 else part))

    def _clothed(self, image: np.ndarray, where: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The picture (H,W,3) with a weave's light and dark on what ``where`` (H,W) covers."""
        side = max(where.shape)
        key = int(rng.integers(_CLOTHS)), side
        if key not in self._cloths:
            drawn = weave(np.random.default_rng((self.seed, 2, key[0])), side)
            self._cloths[key] = drawn / max(float(drawn.mean()), 0.05)
        cloth = self._cloths[key][: where.shape[0], : where.shape[1]]
        share = where[..., None] * np.float32(rng.uniform(0.3, 1.0))
        return np.clip(image * (1 + share * (cloth - 1)), 0, 1).astype(np.float32)


def placing(height: int, width: int, scale: float, rng: np.random.Generator) -> np.ndarray:
    """The matrix (2,3) that scales a picture and moves it sideways, its lower edge at or a little below the old one."""
    sideways = rng.uniform(-0.25, 0.25) * width
    down = rng.uniform(0, 0.04) * height * scale
    right = (width - 1) * (1 - scale) / 2 + sideways
    return np.array([[scale, 0, right], [0, scale, (height - 1) * (1 - scale) + down]], np.float64)


def moved_points(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Points (n,2) by a matrix (2,3), float32."""
    return (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
