"""An enhancer on the frames of a video: what it estimates of a whole frame changes slowly, so nothing flickers."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils._pytree import tree_map

from lowface_core.data.luma import luma
from lowface_core.registry.owner import owned
from lowface_core.step.loaded_enhancer import LoadedEnhancer

#: Side of the thumbnails in which frames are compared.
THUMBNAIL = 16
#: A frame that differs by more from the one before begins a new scene, see :func:`difference`.
CUT = 0.3
#: What black counts in that comparison, so that noise in the dark is no scene.
BLACK = 0.01
#: Shortest time between two frames that is believed, in seconds.
SHORTEST = 1e-3


def difference(one: Tensor, other: Tensor) -> float:
    """How much two thumbnails of brightness differ, from 0 to 1: Σ|a − b| / Σ(max(a, b) + 0.01).

    Relative to the brighter of the two, so that it is as large in the dark as in daylight. 0.5 is half of the light.
    """
    return float((one - other).abs().sum() / (torch.maximum(one, other) + BLACK).sum())


def smoothed(enhancer: Any, previous: Any, context: Any, weight: float, size: torch.Size) -> Any:
    """A frame's context, drawn towards that of the frame before: by the enhancer's own ``smooth(previous, context,
    weight)``, else tensors of floats are blended, ``previous + weight (context − previous)``, but for maps of the
    frame's size, which belong to its places.

    Args:
        weight: of the frame itself, in (0,1].
        size: (H,W) of the frame.
    """
    own = getattr(enhancer, "smooth", None)
    if own is not None:
        return own(previous, context, weight)

    def blended(now: Any, before: Any) -> Any:
        whole = isinstance(now, Tensor) and now.is_floating_point() and now.shape[-2:] != size
        return before + weight * (now - before) if whole and before.shape == now.shape else now

    return tree_map(blended, context, previous)


class SteadyEnhancer:
    """Enhances frames one after the other, with what is estimated of whole frames averaged over time.

    The average is exponential in time, not in frames, so that it is the same at any frame rate: a frame that comes t
    seconds after the one before has the weight 1 − exp(−t / ``seconds``). It begins anew where a scene does.

    Args:
        network: from :func:`lowface_core.inference.load_enhancer`. One without ``context`` estimates nothing of whole
            frames that could be averaged; its answers are those for single pictures.
        seconds: time constant; 0: every frame by itself.

    Attributes:
        context: of the last frame, as it was used.
    """

    def __init__(self, network: LoadedEnhancer, seconds: float) -> None:
        self.network, self.seconds = network, seconds
        self.context: Any = None
        self._seen: Tensor | None = None
        self._size: torch.Size | None = None
        self._time = 0.0

    @torch.no_grad()
    def look(self, low: Tensor) -> bool:
        """Compares a frame (1,3,H,W) with the one before; to be called for each, those that are not enhanced as well.

        Returns:
            whether it begins a new scene.
        """
        thumbnail = F.adaptive_avg_pool2d(luma(low), THUMBNAIL)
        cut = low.shape != self._size or self._seen is None or difference(self._seen, thumbnail) > CUT
        first = self._seen is None
        self._seen, self._size = thumbnail, low.shape
        if cut:
            self.context = None
        return cut and not first

    @torch.no_grad()
    def enhance(self, low: Tensor, seconds: float, name: str) -> Tensor:
        """The enhanced frame (1,3,H,W).

        Args:
            low: RGB in [0,1], after :meth:`look` has seen it.
            seconds: its time.
            name: of the frame, for messages.

        Raises:
            NonFiniteError: the enhancer answers with pixels that are infinite or not a number.
        """
        if not self.seconds:
            return self.network(low, [name])
        context = self.network.context(low)
        if self.context is not None:
            weight = 1 - math.exp(-max(seconds - self._time, SHORTEST) / self.seconds)
            with owned(self.network.enhancer, f"{self.network.name}: smooth"):
                context = smoothed(self.network.enhancer, self.context, context, weight, low.shape[-2:])
        self.context, self._time = context, seconds
        return self.network(low, [name], context)
