"""Metrics that are a mean over pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from lowface_core.errors import ConfigError, LowfaceError, nearest


class PictureMean:
    """Mean over pictures, not over batches: a smaller last batch weighs no more than its pictures.

    A subclass sets :attr:`name` and returns :meth:`add`'s answer from its ``update``.

    Attributes:
        name: the metric's name in messages and of the picture's number.
        variant: which of several definitions is measured; numbers of different variants are different measurements.
        unit: of the number; empty where it has none.
    """

    name = ""
    variant = ""
    unit = ""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forgets all pictures."""
        self._total = 0.0
        self._count = 0

    def add(self, values: Tensor) -> dict[str, Tensor]:
        """Takes in one number a picture, (B,).

        Returns:
            ``{name: values}``, float64 on the processor.
        """
        values = values.detach().cpu().double()
        # one by one, so that the sum does not depend on how the pictures were batched
        for value in values.tolist():
            self._total += value
        self._count += values.numel()
        return {self.name: values}

    def compute(self) -> float:
        """Mean over all pictures since the last :meth:`reset`.

        Raises:
            LowfaceError: there were none.
        """
        if not self._count:
            raise LowfaceError(f"{self.name}: no picture was judged; give it a data set that is not empty")
        return self._total / self._count

    def state(self) -> dict[str, Any]:
        """What :meth:`load_state` needs to go on from here."""
        return {"total": self._total, "count": self._count}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Goes on from a :meth:`state`."""
        self._total, self._count = float(state["total"]), int(state["count"])


def check_pair(name: str, image: Tensor, normal: Tensor) -> None:
    """Raises LowfaceError unless both are (B,3,H,W) of one shape; broadcasting would give a meaningless number."""
    if image.shape != normal.shape or image.ndim != 4 or image.shape[1] != 3:
        raise LowfaceError(
            f"{name}: image is {tuple(image.shape)} and normal {tuple(normal.shape)}; both must be (B,3,H,W), equal"
        )


def check_picture(name: str, image: Tensor, smallest: int = 1) -> None:
    """Raises LowfaceError unless this is (B,3,H,W) with sides of at least ``smallest`` pixels."""
    if image.ndim != 4 or image.shape[1] != 3:
        raise LowfaceError(f"{name}: image is {tuple(image.shape)}; it must be (B,3,H,W)")
    if min(image.shape[2:]) < smallest:
        height, width = image.shape[2:]
        raise LowfaceError(f"{name}: a picture of {width}x{height} pixels is too small; {smallest}x{smallest} at least")


def check_variant(name: str, variant: Any, variants: Sequence[str]) -> None:
    """Raises ConfigError for an unknown variant."""
    if variant not in variants:
        raise ConfigError(
            f"{name}: variant is {variant!r}{nearest(str(variant), variants)}; choose from {', '.join(variants)}"
        )


def at_least_single(image: Tensor) -> Tensor:
    """The picture in float32, or in float64 if it comes so: half precision is too coarse to be judged in."""
    return image.to(torch.promote_types(image.dtype, torch.float32))


def to_bytes(image: Tensor) -> Tensor:
    """The picture as an 8-bit file holds it: clipped to [0,1], times 255, rounded; uint8."""
    return at_least_single(image).clamp(0, 1).mul(255).round().to(torch.uint8)
