"""A frozen network seen as a ladder of named layers, climbed no higher than asked."""

from __future__ import annotations

import abc
from collections.abc import Sequence

from torch import Tensor, nn

from lowface_core.errors import LowfaceError, listing, nearest


class FeatureHead(nn.Module, abc.ABC):
    """Head whose features are asked for by layer name: ``head(picture, "relu3_3")`` → (B,C,h,w).

    Within a training step the core keeps each picture's place on the ladder, so that asking for ``relu4_3`` after
    ``relu3_3`` continues from there. For this a subclass gives the ladder's rungs instead of a ``forward``.
    """

    #: Names of the rungs, from the picture upwards.
    layers: Sequence[str] = ()

    @abc.abstractmethod
    def prepare(self, image: Tensor) -> Tensor:
        """Picture (B,3,H,W) in [0,1], RGB → input of the first rung (normalised if the weights want it)."""

    @abc.abstractmethod
    def climb(self, rung: int, x: Tensor) -> Tensor:
        """Output of rung ``rung`` (an index into :attr:`layers`) from the output of the rung below it."""

    def rung(self, layer: str) -> int:
        """Index of a layer name.

        Raises:
            LowfaceError: there is no such layer; the message lists those there are.
        """
        if layer not in self.layers:
            raise LowfaceError(
                f"{type(self).__name__} has no layer {layer!r}{nearest(layer, self.layers)}; "
                f"layers: {listing(self.layers)}"
            )
        return list(self.layers).index(layer)

    def forward(self, image: Tensor, layer: str) -> Tensor:
        """Features of one layer, (B,C,h,w); outside a training step each call starts from the picture."""
        x = self.prepare(image)
        for rung in range(self.rung(layer) + 1):
            x = self.climb(rung, x)
        return x
