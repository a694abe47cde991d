"""A trained enhancer in use: tile by tile where a picture is large, and its answer looked at before it goes further."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map_only

from lowface_core.registry.owner import mark, owned, owner_of
from lowface_core.step.answer import non_finite
from lowface_core.step.run_enhancer import run_enhancer
from lowface_core.step.tiles import TILE, tiles


def outputs_of(
    enhancer: nn.Module,
    low: Tensor,
    keys: Sequence[str] = (),
    name: str = "the enhancer",
    context: Any = None,
) -> dict[str, Any]:
    """The outputs of an enhancer that is used, not trained: here they leave the network, whichever command asks.

    Args:
        keys: names of the pictures, and ``name`` what the enhancer was loaded from, for messages.
        context: what the enhancer's ``context`` said of the whole pictures that ``low`` is a tile of.

    Returns:
        outputs by name, ``enhanced`` (B,3,H,W) in [0,1] among them.

    Raises:
        LowfaceError: ``enhanced`` has another size than ``low``.
        NonFiniteError: it holds pixels that are infinite or not a number; names the first such picture.
    """
    if isinstance(enhancer, LoadedEnhancer):
        return {"enhanced": enhancer(low, keys)}
    with owned(enhancer, name, {"low": low}):
        outputs = run_enhancer(enhancer, low, context, name)
    enhanced = outputs["enhanced"]
    finite = torch.isfinite(enhanced).flatten(1).all(1)
    if not finite.all():
        first = finite.tolist().index(False)
        raise non_finite(keys[first] if first < len(keys) else "the picture", name)
    return {**outputs, "enhanced": enhanced.clamp(0, 1)}


class LoadedEnhancer(nn.Module):
    """A trained enhancer as a plain picture-to-picture network: RGB (B,3,H,W) in [0,1] → the same.

    Large pictures are cut into tiles that overlap by the enhancer's ``receptive_radius`` (how far its output looks),
    which gives exactly the untiled result; an enhancer that does not state one sees every picture whole.

    One that also needs to know something of the whole picture, such as its brightness, has a method
    ``context(picture)``: its result, a tensor or a dict of tensors, is computed once and handed on with each tile,
    ``forward(tile, context=…)``. Tensors in it that have the picture's height and width are cut as the picture is.
    Tiles begin at multiples of ``tile``, less the radius. Who calls may give such a context instead, as it is smoothed
    from frame to frame (:class:`lowface_core.step.steady_enhancer.SteadyEnhancer`).

    One that has a method ``for_inference()`` is asked for it once, with the weights it has then: a module with the same
    outputs that may be quicker, and need not train. It does the work, ``enhancer`` stays the network itself.

    Args:
        name: what it was loaded from, for messages.
    """

    def __init__(self, enhancer: nn.Module, tile: int = TILE, name: str = "the enhancer") -> None:
        super().__init__()
        self.enhancer, self.tile, self.name = enhancer, tile, name
        quicker = getattr(enhancer, "for_inference", None)
        with owned(enhancer, f"{name}: for_inference"), torch.no_grad():
            self.used = enhancer if quicker is None else mark(quicker(), owner_of(enhancer))

    def forward(self, low: Tensor, keys: Sequence[str] = (), context: Any = None) -> Tensor:
        """The enhanced pictures; ``keys`` are their names, for messages. Raises as :func:`outputs_of` does."""
        radius = getattr(self.enhancer, "receptive_radius", None)
        height, width = low.shape[-2:]
        if radius is None or (height <= self.tile and width <= self.tile):
            whole: Tensor = outputs_of(self.used, low, keys, self.name, context)["enhanced"]
            return whole
        context = self.context(low) if context is None else context
        out = torch.empty_like(low)
        for tile in tiles(height, width, self.tile, radius):
            known = _cut(context, tile.window, low.shape[-2:])
            piece = outputs_of(self.used, low[tile.window], keys, self.name, known)["enhanced"]
            out[tile.place] = piece[tile.inner]
        return out

    def context(self, low: Tensor) -> Any:
        """What the enhancer says of whole pictures (B,3,H,W); None of one that says nothing."""
        describe = getattr(self.enhancer, "context", None)
        if describe is None:
            return None
        with owned(self.enhancer, f"{self.name}: context", {"low": low}):
            return describe(low)


def _cut(context: Any, window: Any, size: torch.Size) -> Any:
    """The context of a tile: maps of the picture's size are cut, the rest stays."""
    return tree_map_only(Tensor, lambda x: x[window] if x.shape[-2:] == size else x, context)
