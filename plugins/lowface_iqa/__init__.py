"""Metrics of other libraries by their names there, and losses of those that carry gradients: torchmetrics and pyiqa."""

from __future__ import annotations

import lowface_core as lf


@lf.hookimpl
def register_metrics(register: lf.Register) -> None:
    """Each says itself whether higher is better; what stands here is for the list."""
    register(
        "torchmetrics", "lowface_iqa.metrics:torchmetrics", better="higher", source="torchmetrics.image (Apache-2.0)"
    )
    register("pyiqa", "lowface_iqa.metrics:pyiqa", better="higher", source="pyiqa (PolyForm Noncommercial, S-Lab)")


@lf.hookimpl
def register_losses(register: lf.Register) -> None:
    """The same, to be trained with."""
    register("torchmetrics", "lowface_iqa.losses:torchmetrics")
    register("pyiqa", "lowface_iqa.losses:pyiqa")
