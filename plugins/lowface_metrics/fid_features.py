"""Fréchet distance in the features of any frozen feature head."""

from __future__ import annotations

import hashlib

from torch import Tensor, nn

from lowface_core.errors import ConfigError
from lowface_core.step.feature_head import FeatureHead
from lowface_core.step.head_bank import freeze
from lowface_metrics.fid import FrechetMetric
from lowface_metrics.per_picture import at_least_single


class FIDFeatures(FrechetMetric):
    """Fréchet distance between the enhanced pictures and their references, in the features of a head of one's choice.

    The mean over pixels of one layer, at the pictures' own size. The distance is that of ``fid``; the scale is the
    head's own, so that two numbers are comparable only if head, weights and layer are the same. The attribute
    ``variant`` says all three: ``features:MobileNetV1/stage3-0a1b2c3d``, the last part a hash of the weights. It needs
    no download where the head's weights are at hand.

    Args:
        features: a feature head.
        layer: one of its layers.

    Raises:
        ConfigError: the head is not a feature head.
        LowfaceError: it has no such layer.
    """

    name = "fid_features"

    def __init__(self, features: nn.Module, layer: str) -> None:
        if not isinstance(features, FeatureHead):
            raise ConfigError(
                f"fid_features.features: {type(features).__name__} is not a feature head; "
                "use one with layers, such as mobilenet_v1, vgg16, timm_features or small_features"
            )
        features.rung(layer)
        super().__init__()
        self.head, self.layer = freeze(features), layer
        self.variant = f"features:{type(features).__name__}/{layer}-{fingerprint(features)}"

    def features(self, image: Tensor) -> Tensor:
        """(B,C): the layer's mean over pixels."""
        return self.head.to(image.device)(at_least_single(image).float(), self.layer).flatten(2).mean(2)


def fingerprint(network: nn.Module) -> str:
    """Eight hexadecimal digits that differ where any weight does."""
    digest = hashlib.sha256()
    for key, value in sorted(network.state_dict().items()):
        digest.update(key.encode())
        digest.update(value.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:8]
