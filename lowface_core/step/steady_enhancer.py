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
CUT = 0.2
#: What black counts in that comparison, so that noise in the dark is no scene.
BLACK = 0.01
#: Frames over which the beginning of a scene is averaged.
FIRST = 16
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
    seconds after the one before has the weight 1 − exp(−t / ``seconds``). It begins anew where a scene does, and as one
    frame alone would set out from the noise of its own estimate, it begins as the plain mean of the first few.

    Of each frame :meth:`look`, then :meth:`learn`; once that says yes, :meth:`enhance` for all frames of the scene that
    wait, and from then on for each.

    Args:
        network: from :func:`lowface_core.inference.load_enhancer`. One without ``context`` estimates nothing of whole
            frames that could be averaged; its answers are those for single pictures.
        seconds: time constant; 0: every frame by itself.
        first: how many frames at most a scene's beginning is averaged over, within half of ``seconds``.

    Attributes:
        context: what is known of the scene now.
    """

    def __init__(self, network: LoadedEnhancer, seconds: float, first: int = FIRST) -> None:
        self.network, self.seconds, self.first = network, seconds, first
        self.context: Any = None
        self._seen: Tensor | None = None
        self._size: torch.Size | None = None
        self._count = 0
        self._begun = self._time = 0.0

    @torch.no_grad()
    def look(self, low: Tensor) -> bool:
        """Whether a frame (1,3,H,W) begins a new scene; to be called for each, those that are not enhanced as well."""
        thumbnail = F.adaptive_avg_pool2d(luma(low), THUMBNAIL)
        first = self._seen is None
        cut = self._seen is not None and (low.shape != self._size or difference(self._seen, thumbnail) > CUT)
        self._seen, self._size = thumbnail, low.shape
        return cut and not first

    def forget(self) -> None:
        """Begins a new scene."""
        self.context, self._count = None, 0

    @torch.no_grad()
    def learn(self, low: Tensor, seconds: float) -> bool:
        """Takes a frame into the average.

        Args:
            low: (1,3,H,W), RGB in [0,1].
            seconds: its time.

        Returns:
            whether enough of the scene is known to enhance it.
        """
        context = self.network.context(low)
        if context is None or not self.seconds:
            self.context = context
            return True
        if self.context is None:
            self._begun = seconds
        else:
            weight = 1 - math.exp(-max(seconds - self._time, SHORTEST) / self.seconds)
            weight = max(weight, 1 / (self._count + 1)) if self._count < self.first else weight
            with owned(self.network.enhancer, f"{self.network.name}: smooth"):
                context = smoothed(self.network.enhancer, self.context, context, weight, low.shape[-2:])
        self.context, self._time, self._count = context, seconds, self._count + 1
        if seconds - self._begun > self.seconds / 2:
            self._count = max(self._count, self.first)
        return self._count >= self.first

    @torch.no_grad()
    def enhance(self, low: Tensor, name: str) -> Tensor:
        """The enhanced frame (1,3,H,W), by what is known of its scene.

        Args:
            low: RGB in [0,1].
            name: of the frame, for messages.

        Raises:
            NonFiniteError: the enhancer answers with pixels that are infinite or not a number.
        """
        return self.network(low, [name], self.context)
