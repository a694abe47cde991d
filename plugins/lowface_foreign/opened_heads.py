"""Networks of other files in the roles of heads: classifier, features, encoder of faces."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lowface_core.errors import ConfigError, WeightsError
from lowface_core.step.feature_head import index_of
from lowface_face.encoder import Encoder, template_for
from lowface_foreign.opened import OpenedNetwork
from lowface_foreign.picture_input import PictureInput

#: Least probability whose logarithm is taken.
LEAST = 1e-12


class OpenedClassifier(nn.Module):
    """Pictures (B,3,H,W) RGB in [0,1] → logits (B,K).

    Args:
        network: with one output (B,K).
        entry: prepares pictures for it.
        probabilities: the network ends with a softmax, whose logarithm is taken, which serves every loss of logits.
    """

    def __init__(self, network: OpenedNetwork, entry: PictureInput, probabilities: bool = False) -> None:
        super().__init__()
        self.network, self.entry, self.probabilities = network, entry, probabilities
        self.eval()

    def forward(self, image: Tensor) -> Tensor:
        """See the class; gradients reach the picture."""
        scores = self.network.one(self.entry(image), 0).flatten(1)
        return scores.clamp(min=LEAST).log() if self.probabilities else scores


class OpenedFeatures(nn.Module):
    """``head(picture, layer)`` → (B,C,h,w); each layer is computed from the picture, and nothing above it.

    Args:
        network: whose outputs are the layers.
        entry: prepares pictures for it.
    """

    def __init__(self, network: OpenedNetwork, entry: PictureInput) -> None:
        super().__init__()
        self.network, self.entry, self.layers = network, entry, network.outputs
        self.eval()

    def forward(self, image: Tensor, layer: str) -> Tensor:
        """See the class; gradients reach the picture.

        Raises:
            LowfaceError: there is no such layer; or what is called so is no map of features.
        """
        place = index_of(layer, self.layers, self.network.source)
        features = self.network.one(self.entry(image), place)
        if features.ndim == 2:  # pooled features are a map of one place
            features = features[:, :, None, None]
        if features.ndim != 4:
            raise ConfigError(f"{self.network.source}: {layer!r} has {features.ndim} dimensions; features have 4 or 2")
        return features


class OpenedEncoder(Encoder):
    """Aligned crops → embeddings of unit length, for the head ``face``.

    Args:
        network: with one output (B,D), of any length.
        entry: prepares crops for it; its size is that of a crop.
        template: where the five landmarks belong in a crop, xy pixels; None: ArcFace's places, scaled to the crop.

    Raises:
        ConfigError: the size of a crop is not known, or ``template`` is not five points.
        WeightsError: the network does not answer a crop with one row of numbers.
    """

    network: OpenedNetwork
    entry: PictureInput
    _points: Tensor

    def __init__(
        self, network: OpenedNetwork, entry: PictureInput, template: Sequence[Sequence[float]] | None = None
    ) -> None:
        super().__init__()
        if entry.size is None:
            raise ConfigError(f"input_size: {network.source} does not say how large a crop is; set input_size=112")
        self.network, self.entry, self.crop_size = network, entry, entry.size
        points = template_for(entry.size) if template is None else torch.tensor(template)
        if points.shape != (5, 2):
            raise ConfigError(f"template: must be five points [x, y], not of shape {tuple(points.shape)}")
        self._points = points
        self.eval()
        with torch.no_grad():
            answer = self.embed(torch.zeros(1, 3, *self.crop_size))
        if answer.ndim != 2:
            found = f"answers a crop with {tuple(answer.shape)}, which is no embedding"
            raise WeightsError(f"{network.source}: {found}; name another output")
        self.dim = answer.shape[1]

    @property
    def template(self) -> Tensor:
        """Where the five landmarks belong in the crop, (5,2) xy pixels."""
        return self._points

    def embed(self, crop: Tensor) -> Tensor:
        """Crop in [0,1] → (B,D)."""
        answer = self.network.one(self.entry(crop), 0)
        return answer.flatten(1) if answer.ndim == 4 else answer
