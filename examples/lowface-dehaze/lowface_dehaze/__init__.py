"""Dehazing for lowface: one part of each kind. Nothing here imports torch, so listing plugins stays quick."""

from __future__ import annotations

import lowface_core as lf


@lf.hookimpl
def register_degradations(register: lf.Register) -> None:
    """What turns a clear picture into a hazy one."""
    register("fog_banks", "lowface_dehaze.fog_banks:FogBanks")


@lf.hookimpl
def register_enhancers(register: lf.Register) -> None:
    """The network that is trained."""
    register("scattering_net", "lowface_dehaze.scattering_net:ScatteringNet")


@lf.hookimpl
def register_losses(register: lf.Register) -> None:
    """Distance to the clear picture, and what the frozen classifier makes of the dehazed one."""
    register("pixel_l1", "lowface_dehaze.losses:PixelL1")
    register("classification", "lowface_dehaze.losses:Classification")


@lf.hookimpl
def register_heads(register: lf.Register) -> None:
    """lowface's own head around any timm network, here with a task that trains it: ``lowface pretrain``."""
    register(
        "identity_classifier",
        "lowface_fidelity.timm_classifier:TimmClassifier",
        pretrain="lowface_dehaze.classifier_task:ClassifierTask",
    )


@lf.hookimpl
def register_datasets(register: lf.Register) -> None:
    """Other pictures of the same people to test on than to train on."""
    register("fold", "lowface_dehaze.fold:Fold", parts={"dataset": "dataset"})


@lf.hookimpl
def register_metrics(register: lf.Register) -> None:
    """How often the frozen classifier is right."""
    register("accuracy", "lowface_dehaze.accuracy:Accuracy", better="higher")
