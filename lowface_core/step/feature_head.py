"""A frozen network seen as a ladder of named layers, climbed no higher than needed."""

from __future__ import annotations

import abc
from collections.abc import Sequence

from torch import Tensor, nn

from lowface_core.errors import LowfaceError, listing, nearest


class FeatureHead(nn.Module, abc.ABC):
    """Head that gives the features of a layer by its name: ``head(picture, "relu3_3")`` → (B,C,h,w).

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
        return index_of(layer, self.layers, type(self).__name__)

    def forward(self, image: Tensor, layer: str) -> Tensor:
        """Features of one layer, (B,C,h,w); outside a training step each call starts from the picture."""
        return self.climb_on(-1, self.prepare(image), layer)

    def climb_on(self, rung: int, x: Tensor, layer: str) -> Tensor:
        """Features of a layer above ``rung``, whose output ``x`` is; -1 is the prepared picture."""
        for above in range(rung + 1, self.rung(layer) + 1):
            x = self.climb(above, x)
        return x


def index_of(layer: str, layers: Sequence[str], owner: str) -> int:
    """Index of a layer name.

    Args:
        owner: who has the layers, for the message.

    Raises:
        LowfaceError: there is no such layer; the message lists those there are.
    """
    if layer not in layers:
        raise LowfaceError(f"{owner} has no layer {layer!r}{nearest(layer, layers)}; layers: {listing(layers)}")
    return list(layers).index(layer)
