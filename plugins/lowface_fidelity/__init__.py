"""Fidelity losses (perceptual, colour, smoothness) and the feature heads that the perceptual ones look through."""

from __future__ import annotations

import lowface_core as lf

#: timm publishes thousands of files; this one has a name here, any other is given as a file.
TIMM = {
    "resnet18_a1_in1k": lf.Weights(
        url="https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-rsb-weights/"
        "resnet18_a1_0-d63eafa0.pth",
        sha256="d63eafa0",
        licence="Apache-2.0 (trained on ImageNet)",
        source="timm, resnet18.a1_in1k",
        arguments={"model": "resnet18"},
    )
}


@lf.hookimpl
def register_losses(register: lf.Register) -> None:
    """Low-FaceNet's equations (5), (6) and (7), and two that no paper owns."""
    register("perceptual", "lowface_fidelity.perceptual:PerceptualLoss")
    register("color", "lowface_fidelity.color:ColorLoss")
    register("smoothness", "lowface_fidelity.smoothness:SmoothnessLoss")
    register("total_variation", "lowface_fidelity.total_variation:TotalVariation")
    register("color_constancy", "lowface_fidelity.color_constancy:ColorConstancy")


@lf.hookimpl
def register_heads(register: lf.Register) -> None:
    """VGG-16 as in the paper, anything timm has, a light ImageNet network, and a small one that ships with lowface."""
    register(
        "vgg16",
        "lowface_fidelity.vgg16:VGG16",
        network="lowface_fidelity.vgg16:VGGLadder",
        weights={
            "imagenet": lf.Weights(
                url="https://download.pytorch.org/models/vgg16-397923af.pth",
                sha256="397923af",
                licence="BSD-3-Clause (code; trained on ImageNet)",
                source="torchvision, VGG16_Weights.IMAGENET1K_V1",
            )
        },
    )
    register(
        "vgg16_blur",
        "lowface_fidelity.vgg16_blur:VGG16Blur",
        network="lowface_fidelity.vgg16_blur:BlurredLadder",
        weights={
            "imagenet": lf.Weights(
                package="stlpips_pytorch",
                extra="features",
                file="weights/vST0.0/vgg_shift_tolerant.pth",
                sha256="44597da68f49c1837c100ff52299050f274d102eb102e5837178c79be6f0e250",
                licence="BSD-2-Clause (trained on ImageNet)",
                source="inside the package stlpips-pytorch 0.0.2, which is not imported",
            )
        },
    )
    register("timm_features", "lowface_fidelity.timm_features:timm_features", weights=TIMM)
    register("timm_classifier", "lowface_fidelity.timm_classifier:TimmClassifier", weights=TIMM)
    register(
        "mobilenet_v1",
        "lowface_fidelity.mobilenet_v1:MobileNetV1",
        network="lowface_fidelity.mobilenet_v1:MobileNetV1Ladder",
    )
    register(
        "small_features",
        "lowface_fidelity.small_features:SmallFeatures",
        pretrain="lowface_fidelity.features_task:FeaturesTask",
        network="lowface_fidelity.small_features:SmallFeaturesNet",
        weights={
            "embedded": lf.Weights(
                file="weights/features_rendered.safetensors",
                record="weights/features_rendered.json",
                licence="Apache-2.0",
                source="trained by this project on rendered faces, configs/heads/features_rendered.py",
            )
        },
    )
