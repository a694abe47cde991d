"""The metric: how often the classifier is right."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from lowface_core.errors import LowfaceError


class Top1:
    """Share of pictures whose highest logit is the right one, in [0,1]."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forgets all pictures."""
        self._right = self._count = 0

    def update(self, image: Tensor, identity: Tensor, classifier: Callable[[Tensor, str], Tensor]) -> None:
        """Takes in a batch.

        Args:
            image: (B,3,H,W) in [0,1]: the dark, the enhanced or the good picture.
            identity: (B,) int64, the truth.
            classifier: a head with the layer ``logits``, (B,classes,1,1).
        """
        self._right += int((classifier(image, "logits").flatten(1).argmax(1) == identity).sum())
        self._count += len(identity)

    def compute(self) -> float:
        """The share since the last :meth:`reset`.

        Raises:
            LowfaceError: there were no pictures.
        """
        if not self._count:
            raise LowfaceError("top1: no picture was judged; give it a data set that is not empty")
        return self._right / self._count
