"""A trained enhancer in use: tile by tile where a picture is large, and its answer looked at before it goes further."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map_only

from lowface_core.data.depth import to_float
from lowface_core.registry.owner import mark, owned, owner_of
from lowface_core.step.answer import non_finite
from lowface_core.step.run_enhancer import run_enhancer
from lowface_core.step.tiles import TILE, Tile, by_tiles, tiles


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

    That is computed from the picture in floats, 1.2 GB of 100 million pixels. An enhancer may spare them by
    ``context_by_rows(rows, height, width)``, which sees the picture through ``rows(top, bottom)``, some rows of it
    (1,3,bottom-top,W), and returns a function that gives the context of a place, ``at(rows, columns)``, two slices.

    One that has a method ``for_inference()`` is asked for it once, with the weights it has then: a module with the same
    outputs that may be quicker, and need not train. It does the work, ``enhancer`` stays the network itself.

    Args:
        name: what it was loaded from, for messages.
    """

    def __init__(self, enhancer: nn.Module, tile: int | None = None, name: str = "the enhancer") -> None:
        super().__init__()
        self.enhancer, self.name = enhancer, name
        self.tile: int = (getattr(enhancer, "tile", None) or TILE) if tile is None else tile
        quicker = getattr(enhancer, "for_inference", None)
        with owned(enhancer, f"{name}: for_inference"), torch.no_grad():
            self.used = enhancer if quicker is None else mark(quicker(), owner_of(enhancer))

    def forward(self, low: Tensor, keys: Sequence[str] = (), context: Any = None) -> Tensor:
        """The enhanced pictures; ``keys`` are their names, for messages. Raises as :func:`outputs_of` does."""
        height, width = low.shape[-2:]
        if not self.cuts(height, width):
            whole: Tensor = outputs_of(self.used, low, keys, self.name, context)["enhanced"]
            return whole
        context = self.context(low) if context is None else context
        out = torch.empty_like(low)
        for tile in tiles(height, width, self.tile, self.enhancer.receptive_radius):  # type: ignore[arg-type]
            known = _cut(context, tile.window, low.shape[-2:])
            piece = outputs_of(self.used, low[tile.window], keys, self.name, known)["enhanced"]
            out[tile.place] = piece[tile.inner]
        return out

    def cuts(self, height: int, width: int) -> bool:
        """Whether a picture of this size is worked on tile by tile."""
        return getattr(self.enhancer, "receptive_radius", None) is not None and max(height, width) > self.tile

    def pixels(self, pixels: np.ndarray, keys: Sequence[str] = ()) -> np.ndarray:
        """A picture that :meth:`cuts` says is cut, without a copy of it in floats: see
        :func:`lowface_core.step.tiles.by_tiles`. Raises as :func:`outputs_of` does.
        """
        device, (height, width) = place_of(self), pixels.shape[1:]

        def rows(top: int, bottom: int) -> Tensor:
            return torch.from_numpy(np.ascontiguousarray(to_float(pixels[:, top:bottom])))[None].to(device)

        context_at = self._context_at(rows, height, width)

        def answer(low: np.ndarray, tile: Tile) -> np.ndarray:
            known = context_at(*tile.window[1:])
            piece = outputs_of(self.used, torch.from_numpy(low).to(device), keys, self.name, known)["enhanced"]
            return piece.float().cpu().numpy()

        radius: int = self.enhancer.receptive_radius  # type: ignore[assignment]
        return by_tiles(pixels, self.tile, radius, answer)

    def _context_at(self, rows: Callable[[int, int], Tensor], height: int, width: int) -> Callable[..., Any]:
        """The context of a place, as a function of its rows and columns."""
        describe = getattr(self.enhancer, "context_by_rows", None)
        if describe is not None:
            with owned(self.enhancer, f"{self.name}: context_by_rows"):
                at: Callable[..., Any] = describe(rows, height, width)
                return at
        if getattr(self.enhancer, "context", None) is None:
            return lambda *place: None
        whole = self.context(rows(0, height))
        return lambda *place: _cut(whole, (..., *place), torch.Size((height, width)))

    def context(self, low: Tensor) -> Any:
        """What the enhancer says of whole pictures (B,3,H,W); None of one that says nothing."""
        describe = getattr(self.enhancer, "context", None)
        if describe is None:
            return None
        with owned(self.enhancer, f"{self.name}: context", {"low": low}):
            return describe(low)


def place_of(network: nn.Module) -> torch.device:
    """Where a network lies; one without tensors: on the processor."""
    return next(chain(network.parameters(), network.buffers()), torch.empty(0)).device


def _cut(context: Any, window: Any, size: torch.Size) -> Any:
    """The context of a tile: maps of the picture's size are cut, the rest stays."""
    return tree_map_only(Tensor, lambda x: x[window] if x.shape[-2:] == size else x, context)
