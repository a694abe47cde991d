"""Fidelity losses (perceptual, colour, smoothness) and the feature heads that the perceptual ones look through."""

from __future__ import annotations

import lowface_core as lf


@lf.hookimpl
def register_losses(register):
    """Low-FaceNet's equations (5), (6) and (7)."""
    register("perceptual", "lowface_fidelity.perceptual:PerceptualLoss")
    register("color", "lowface_fidelity.color:ColorLoss")
    register("smoothness", "lowface_fidelity.smoothness:SmoothnessLoss")


@lf.hookimpl
def register_heads(register):
    """VGG-16 as in the paper, a light ImageNet network, and a small one that ships with the project."""
    register(
        "vgg16",
        "lowface_fidelity.vgg16:VGG16",
        weights={
            "imagenet": {
                "url": "https://download.pytorch.org/models/vgg16-397923af.pth",
                "sha256": "397923af",
                "licence": "BSD-3-Clause (code; trained on ImageNet)",
                "source": "torchvision, VGG16_Weights.IMAGENET1K_V1",
            }
        },
    )
    register("mobilenet_v1", "lowface_fidelity.mobilenet_v1:MobileNetV1")
    register(
        "small_features",
        "lowface_fidelity.small_features:SmallFeatures",
        pretrain="lowface_fidelity.features_task:FeaturesTask",
        weights={
            "embedded": {
                "file": "weights/features_rendered.safetensors",
                "record": "weights/features_rendered.json",
                "licence": "Apache-2.0",
                "source": "trained by this project on rendered faces, configs/heads/features_rendered.py",
            }
        },
    )
