"""A trained enhancer in use without torch: files that a runtime of arrays computes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lowface_core.data.depth import FULL, to_depth, to_float
from lowface_core.registry.loader import plugins
from lowface_core.registry.registration import import_reference
from lowface_core.step.answer import non_finite, wrong_size
from lowface_core.step.tiles import TILE, by_tiles


class ArrayEnhancer:
    """What :class:`lowface_core.step.loaded_enhancer.LoadedEnhancer` is to networks of torch.

    Args:
        compute: what ``without_torch`` of :mod:`lowface_core.registry.hookspecs` opened.
        name: the file, for messages.
    """

    def __init__(self, compute: Any, name: str, tile: int = TILE) -> None:
        self.compute, self.name, self.tile = compute, name, tile

    def pixels(self, pixels: np.ndarray, name: str) -> np.ndarray:
        """A picture (3,H,W) at its own depth, uint8, uint16 or float in [0,1], and the same of the result.

        Raises:
            LowfaceError: the answer has another size, or the runtime refuses the picture.
            NonFiniteError: it holds pixels that are infinite or not a number.
        """
        radius = self.compute.receptive_radius
        if radius is not None and max(pixels.shape[1:]) > self.tile:
            return by_tiles(pixels, self.tile, radius, lambda low, tile: self._answer(low, name))
        out = self._answer(np.ascontiguousarray(to_float(pixels))[None], name)
        return to_depth(out[0], pixels.dtype) if pixels.dtype in FULL else out[0]

    def _answer(self, low: np.ndarray, name: str) -> np.ndarray:
        out: np.ndarray = self.compute(low)
        if out.shape != low.shape:
            raise wrong_size(self.name, out.shape, low.shape)
        if not np.isfinite(out).all():
            raise non_finite(name, self.name)
        return out.clip(0, 1)


def array_enhancer(checkpoint: str, device: str) -> ArrayEnhancer | None:
    """The enhancer that a file is, if its plugin can do without torch; None otherwise.

    Raises:
        LowfaceError: the file is broken, or the runtime is not installed.
    """
    path = Path(checkpoint).expanduser()
    if not path.is_file():
        return None
    for component in plugins().components("enhancer"):
        if component.without_torch and path.suffix.lower() in component.opens:
            opener = import_reference(component.without_torch, f"enhancer {component.name!r} of {component.plugin}")
            compute = opener(path, device)
            return None if compute is None else ArrayEnhancer(compute, str(path))
    return None
