"""The enhancer ``night``, made for recognition in the dark, and the losses it is trained with."""

from __future__ import annotations

import lowface_core as lf

#: Weights that ship, and are used where nobody names any.
BASE = lf.Weights(
    file="weights/night_base.safetensors",
    record="weights/night_base.json",
    licence="Apache-2.0",
    source="trained by this project on rendered faces and places, configs/night_rendered.py",
    arguments={"size": "base"},
    default=True,
)
SMALL = lf.Weights(
    file="weights/night_small.safetensors",
    record="weights/night_small.json",
    licence="Apache-2.0",
    source="trained by this project on rendered faces and places, configs/night_rendered.py",
    arguments={"size": "small"},
)


@lf.hookimpl
def register_enhancers(register: lf.Register) -> None:
    """Retinex with the noise taken out, in two sizes."""
    register(
        "night",
        "lowface_night.night:Night",
        network="lowface_night.night:Night",
        variants=[{"size": "base"}, {"size": "small"}],
        weights={"base": BASE, "small": SMALL},
    )


@lf.hookimpl
def register_losses(register: lf.Register) -> None:
    """Distances to the normal picture, of pixels, of features, of embeddings; and two for dark pictures alone."""
    register("charbonnier", "lowface_night.charbonnier:CharbonnierLoss")
    register("feature_distance", "lowface_night.feature_distance:FeatureDistanceLoss")
    register("embedding", "lowface_night.embedding:EmbeddingLoss")
    register("neighbor2neighbor", "lowface_night.neighbor2neighbor:Neighbor2NeighborLoss")
    register("zero_shot_noise2noise", "lowface_night.zero_shot_noise2noise:ZeroShotNoise2NoiseLoss")
