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
        unit: of the number, empty where it has none; of several, by name.
    """

    name = ""
    variant = ""
    unit: str | Mapping[str, str] = ""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forgets all pictures."""
        self._total = 0.0
        self._count = 0

    def add(self, values: Tensor) -> dict[str, Tensor]:
        """Takes in one number a picture, (B,), and gives them back as ``{name: values}``, float64 on the processor."""
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
        check_count(self.name, self._count)
        return self._total / self._count

    def state(self) -> dict[str, Any]:
        """What :meth:`load_state` needs to go on from here."""
        return {"total": self._total, "count": self._count}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Goes on from a :meth:`state`."""
        self._total, self._count = float(state["total"]), int(state["count"])


def check_pictures(metric: str, **pictures: Tensor) -> None:
    """Raises LowfaceError unless all are (B,3,H,W) of one shape; broadcasting would give a meaningless number."""
    shapes = {name: tuple(picture.shape) for name, picture in pictures.items()}
    if len(set(shapes.values())) > 1 or any(len(shape) != 4 or shape[1] != 3 for shape in shapes.values()):
        have = " and ".join(f"{name} is {shape}" for name, shape in shapes.items())
        raise LowfaceError(f"{metric}: {have}; give (B,3,H,W){', all of one shape' if len(shapes) > 1 else ''}")


def check_count(metric: str, count: int) -> None:
    """Raises LowfaceError when there were no pictures."""
    if not count:
        raise LowfaceError(f"{metric}: there were no pictures; give it a data set that is not empty")


def check_variant(name: str, variant: Any, variants: Sequence[str]) -> None:
    """Raises ConfigError for an unknown variant."""
    if variant not in variants:
        raise ConfigError(
            f"{name}: variant is {variant!r}{nearest(str(variant), variants)}; choose from {', '.join(variants)}"
        )


def at_least_single(image: Tensor) -> Tensor:
    """The picture in float32, or in float64 if it comes so: half precision is too coarse to measure in."""
    return image.to(torch.promote_types(image.dtype, torch.float32))


def to_bytes(image: Tensor) -> Tensor:
    """The picture as an 8-bit file holds it: clipped to [0,1], times 255, rounded; uint8."""
    return at_least_single(image).clamp(0, 1).mul(255).round().to(torch.uint8)
