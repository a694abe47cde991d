"""Face parsing as a frozen head (DeepLabv3+), and the loss that evens out brightness inside each part of the face."""

from __future__ import annotations

from typing import Any

import lowface_core as lf

_RENDERED = {
    "file": "weights/parser_rendered.safetensors",
    "record": "weights/parser_rendered.json",
    "licence": "Apache-2.0",
    "source": "trained by this project on rendered faces, configs/heads/parser_rendered.py",
    "arguments": {"backbone": "small"},
}


@lf.hookimpl
def register_heads(register: Any) -> None:
    register(
        "deeplabv3plus",
        "lowface_semantic.deeplabv3plus:DeepLabV3Plus",
        weights={"embedded": _RENDERED},
        pretrain="lowface_semantic.parser_task:ParserTask",
    )
    register("deeplabv3plus_mobilenet", "lowface_semantic.deeplabv3plus_mobilenet:DeepLabV3PlusMobileNet")


@lf.hookimpl
def register_losses(register: Any) -> None:
    register("semantic_brightness", "lowface_semantic.semantic_brightness:semantic_brightness")
