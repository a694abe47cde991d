"""One measure of picture quality of another library, whichever."""

from __future__ import annotations

import abc

from torch import Tensor, nn


class Judge(nn.Module, abc.ABC):
    """Pictures → one number each.

    Attributes:
        title: library and name, for messages and as the variant of a number.
        higher: whether a higher number is better.
        compares: whether it looks at a reference.
    """

    title: str
    higher: bool
    compares: bool

    @abc.abstractmethod
    def forward(self, image: Tensor, normal: Tensor | None = None) -> Tensor:
        """``image`` and, where it compares, ``normal``, (B,3,H,W) RGB in [0,1] → (B,).

        Raises:
            LowfaceError: the library cannot measure such pictures.
        """
