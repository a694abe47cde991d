"""Metrics that are a mean over pictures."""

from __future__ import annotations

from torch import Tensor

from lowface_core.errors import LowfaceError


class PictureMean:
    """Mean over pictures, not over batches: a smaller last batch weighs no more than its pictures.

    A subclass sets :attr:`name` and calls :meth:`add` in its ``update``.
    """

    #: The metric's name in messages.
    name = ""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forgets all pictures."""
        self._total = 0.0
        self._count = 0

    def add(self, values: Tensor) -> None:
        """Takes in one number a picture, (B,)."""
        self._total += float(values.sum().cpu().double())
        self._count += values.numel()

    def compute(self) -> float:
        """Mean over all pictures since the last :meth:`reset`.

        Raises:
            LowfaceError: there were none.
        """
        if not self._count:
            raise LowfaceError(f"{self.name}: no picture was judged; give it a data set that is not empty")
        return self._total / self._count


def check_pair(name: str, image: Tensor, normal: Tensor) -> None:
    """Raises LowfaceError unless both are (B,3,H,W) of one shape; broadcasting would give a meaningless number."""
    if image.shape != normal.shape or image.ndim != 4 or image.shape[1] != 3:
        raise LowfaceError(
            f"{name}: image is {tuple(image.shape)} and normal {tuple(normal.shape)}; both must be (B,3,H,W), equal"
        )
