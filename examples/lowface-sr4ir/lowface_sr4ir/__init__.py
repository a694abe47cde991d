"""Low light for a classifier that learns, too. Nothing here imports torch, so listing plugins stays quick."""

from __future__ import annotations

import lowface_core as lf


@lf.hookimpl
def register_datasets(register: lf.Register) -> None:
    """Drawn patterns of eight kinds."""
    register("patterns", "lowface_sr4ir.patterns:Patterns", parts={"degradation": "degradation"})


@lf.hookimpl
def register_enhancers(register: lf.Register) -> None:
    """The network that brightens and denoises."""
    register("brightening_net", "lowface_sr4ir.brightening_net:BrighteningNet")


@lf.hookimpl
def register_heads(register: lf.Register) -> None:
    """torchvision's ResNet as a ladder of features with the class scores on top, and the task that pretrains it."""
    register(
        "resnet_ladder",
        "lowface_sr4ir.resnet_ladder:ResNetLadder",
        pretrain="lowface_sr4ir.pattern_task:PatternTask",
    )


@lf.hookimpl
def register_losses(register: lf.Register) -> None:
    """Distance to the good picture for the enhancer; for the classifier, its own task on a mix of pictures."""
    register("reference_l1", "lowface_sr4ir.losses:ReferenceL1")
    register("mixed_classification", "lowface_sr4ir.losses:MixedClassification")


@lf.hookimpl
def register_metrics(register: lf.Register) -> None:
    """How often the classifier is right."""
    register("top1", "lowface_sr4ir.top1:Top1", better="higher")
