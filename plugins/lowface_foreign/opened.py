"""What a network that was opened from a file offers to the heads, whatever its format."""

from __future__ import annotations

import abc

from torch import Tensor, nn


class OpenedNetwork(nn.Module, abc.ABC):
    """A network out of a file: a picture in the network's own scale → its outputs.

    Attributes:
        source: the file, for messages.
        outputs: names of what it answers with; empty where the format has no names for them.
        size: (height, width) that it is made for; None: any.
    """

    source: str
    outputs: tuple[str, ...] = ()
    size: tuple[int, int] | None = None

    @abc.abstractmethod
    def forward(self, picture: Tensor) -> tuple[Tensor, ...]:
        """(B,3,H,W) → all outputs, in the order of :attr:`outputs`."""

    def one(self, picture: Tensor, place: int) -> Tensor:
        """The output at ``place``; nothing that it does not need is computed where the format allows that."""
        return self(picture)[place]
