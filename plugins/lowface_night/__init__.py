"""The enhancer ``night``, made for recognition in the dark, and the losses it is trained with."""

from __future__ import annotations

import lowface_core as lf


@lf.hookimpl
def register_enhancers(register: lf.Register) -> None:
    """Retinex with the noise taken out, in two sizes."""
    network = "lowface_night.night:Night"
    register("night", network, network=network, variants=[{"size": "base"}, {"size": "small"}])


@lf.hookimpl
def register_losses(register: lf.Register) -> None:
    """Distances to the normal picture: of pixels, of features, of embeddings."""
    register("charbonnier", "lowface_night.charbonnier:CharbonnierLoss")
    register("feature_distance", "lowface_night.feature_distance:FeatureDistanceLoss")
    register("embedding", "lowface_night.embedding:EmbeddingLoss")
