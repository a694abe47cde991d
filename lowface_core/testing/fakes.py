"""What tests work with in place of downloads: small rendered faces with every annotation, heads of fixed numbers."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lowface_core.config.build import build
from lowface_core.data.batches import collate
from lowface_core.data.dataset import Dataset
from lowface_core.step.feature_head import FeatureHead
from lowface_core.step.head_bank import freeze

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


#: Names of VGG-16's rungs, which perceptual losses ask for.
VGG_LAYERS = tuple(f"relu{block}_{k + 1}" for block, depth in enumerate((2, 2, 3, 3, 3), 1) for k in range(depth))


def _fixed(*shape: int, seed: int = 0) -> nn.Parameter:
    """A parameter of fixed numbers, scaled so that signals neither fade nor grow."""
    generator = torch.Generator().manual_seed(seed)
    fan_in = max(int(torch.tensor(shape[1:]).prod()), 1)
    return nn.Parameter(torch.randn(*shape, generator=generator) * (2 / fan_in) ** 0.5)


class FakeFeatures(FeatureHead):
    """A ladder of smooth features, (B,8,h,w) on every rung; halved in size at each name that ends in ``_1``.

    Args:
        layers: names of the rungs; VGG-16's by default.
    """

    def __init__(self, layers: Sequence[str] = VGG_LAYERS) -> None:
        super().__init__()
        self.layers = tuple(layers)
        self.kernels = nn.ParameterList([_fixed(8, 3 if k == 0 else 8, 3, 3, seed=k) for k in range(len(layers))])

    def prepare(self, image: Tensor) -> Tensor:
        """(B,3,H,W) in [0,1] → the same, centred."""
        return image * 2 - 1

    def climb(self, rung: int, x: Tensor) -> Tensor:
        """A convolution and a nonlinearity without dead regions."""
        if rung and self.layers[rung].endswith("_1"):
            x = F.avg_pool2d(x, 2, ceil_mode=True)
        return F.leaky_relu(F.conv2d(x, self.kernels[rung], padding=1), 0.2)


class FakeParser(nn.Module):
    """A parser: picture (B,3,H,W) → logits (B,classes,H,W), by colour alone.

    Args:
        classes: 11, as in the LaPa data set.
    """

    def __init__(self, classes: int = 11) -> None:
        super().__init__()
        self.kernel = _fixed(classes, 3, 1, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Logits of every pixel."""
        return F.conv2d(image * 8 - 4, self.kernel)


class FakeClassifier(nn.Module):
    """A classifier: picture (B,3,H,W) → logits (B,classes), by a thumbnail of 4x4 pixels."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.kernel = _fixed(classes, 48)

    def forward(self, image: Tensor) -> Tensor:
        """Logits of every picture."""
        return F.adaptive_avg_pool2d(image * 2 - 1, 4).flatten(1) @ self.kernel.T


@dataclass
class FakeMatch:
    """What a face head says about a batch; see the fields of ``face`` in the plugin ``lowface_face``.

    Attributes:
        embedding: (B,D) of unit length; zero where no face was found.
        found: (B,) bool.
        landmarks: (B,5,2) xy pixels; zero where no face was found.
        similarity: (B,F) cosines to the gallery; None without a gallery.
        gallery_identity: (F,) int64; None without a gallery.
    """

    embedding: Tensor
    found: Tensor
    landmarks: Tensor
    similarity: Tensor | None = None
    gallery_identity: Tensor | None = None


class FakeFace(nn.Module):
    """A face head with a gallery; a face is the thumbnail of the whole picture.

    Args:
        lost: number of pictures at the end of each batch in which no face is found.
    """

    dim = 16
    points: Tensor

    def __init__(self, lost: int = 0) -> None:
        super().__init__()
        self.lost = lost
        self.kernel = _fixed(self.dim, 3 * 8 * 8)
        self.register_buffer("points", torch.tensor([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.75], [0.65, 0.75]]))

    def forward(self, image: Tensor, *, prepared: Any = None) -> FakeMatch:
        """Recognises each picture of (B,3,H,W); gradients reach it.

        Args:
            prepared: gallery as :meth:`prepare_for` returns it: embeddings (F,D) and identities (F,).
        """
        small = F.interpolate(image, size=(8, 8), mode="bilinear", antialias=True).flatten(1)
        embedding = F.normalize((small - 0.3) @ self.kernel.T, dim=1)
        found = torch.arange(len(image), device=image.device) < len(image) - self.lost
        embedding = torch.where(found[:, None], embedding, 0.0)
        size = self.points.new_tensor([image.shape[-1], image.shape[-2]])
        landmarks = torch.where(found[:, None, None], self.points * size, 0.0)
        match = FakeMatch(embedding, found, landmarks)
        if prepared is not None:
            rows, match.gallery_identity = (x.to(image.device) for x in prepared)
            match.similarity = embedding @ rows.T
        return match

    def prepare_for(self, dataset: Any, run: Callable[..., FakeMatch]) -> tuple[Tensor, Tensor]:
        """Encodes ``dataset.gallery()``."""
        rows, identities = [], []
        for item in dataset.gallery():
            picture = torch.as_tensor(item["normal"])[None]
            rows.append(run(torch.cat([picture] * (self.lost + 1))).embedding[0])
            identities.append(int(item["identity"]))
        return torch.stack(rows), torch.tensor(identities)


def fake_heads() -> dict[str, nn.Module]:
    """One frozen fake head for each key that the shipped losses and metrics read, and a classifier.

    ``features``: :class:`FakeFeatures`; ``parser``: :class:`FakeParser`; ``face``: :class:`FakeFace`; ``classifier``:
    :class:`FakeClassifier`.
    """
    heads = {"features": FakeFeatures(), "parser": FakeParser(), "classifier": FakeClassifier(), "face": FakeFace()}
    return {key: freeze(head) for key, head in heads.items()}
