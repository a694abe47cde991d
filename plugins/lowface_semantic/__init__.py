"""Face parsing as a frozen head (DeepLabv3+), and the loss that evens out brightness inside each part of the face."""

from __future__ import annotations

import lowface_core as lf

_RENDERED = lf.Weights(
    file="weights/parser_rendered.safetensors",
    record="weights/parser_rendered.json",
    licence="Apache-2.0",
    source="trained by this project on rendered faces, configs/heads/parser_rendered.py",
    arguments={"backbone": "small"},
)
_RELEASED = lf.Weights(
    filename="best_deeplabv3plus_mobilenet_lapa_epoch96.pth",
    licence="none stated; the training pictures are for research only",
    source="https://drive.google.com/drive/folders/1YNpVyA3zsSQ8ns2CfwqXU3A_S7Doj9TF "
    "(Low-FaceNet's released models; the parser that the paper used)",
)


@lf.hookimpl
def register_heads(register: lf.Register) -> None:
    register(
        "deeplabv3plus",
        "lowface_semantic.deeplabv3plus:DeepLabV3Plus",
        weights={"embedded": _RENDERED},
        network="lowface_semantic.network:build_network",
        variants=[{"backbone": name} for name in ("resnet18", "resnet50", "resnet101", "mobilenet_v2", "small")],
        pretrain="lowface_semantic.parser_task:ParserTask",
    )
    register(
        "deeplabv3plus_mobilenet",
        "lowface_semantic.deeplabv3plus_mobilenet:DeepLabV3PlusMobileNet",
        weights={"lapa": _RELEASED},
        network="lowface_semantic.mobilenet:MobileNetDeepLab",
    )


@lf.hookimpl
def register_losses(register: lf.Register) -> None:
    register("semantic_brightness", "lowface_semantic.semantic_brightness:semantic_brightness")
