"""Night: exposure for the picture, light for each place, then the noise taken out of what they uncover."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lowface_core.weights.state_dict import load_weights
from lowface_night.denoiser import Denoiser
from lowface_night.picture_level import PictureLevel, brighten

WIDTHS = {"small": (8, 16, 24, 24), "base": (24, 48, 64, 64)}
#: The coarsest mean of the denoiser's U-Net and of its chroma; the picture is padded to a multiple.
STRIDE = 16


class Night(nn.Module):
    """Brightens a picture by division, as Retinex does, and takes out the noise that then shows.

    Three steps. (1) From a thumbnail and two noise levels: gain, tint, tone curve and black level of the whole picture,
    and a smooth local gain. (2) The picture is brightened by them. (3) A U-Net removes noise, see
    :class:`lowface_night.denoiser.Denoiser`. A picture that is bright and clean already comes back as it is.

    Args:
        size: ``"base"`` (0.39 million parameters) or ``"small"`` (0.06 million).
        weights: file, or ``base``, which ships; None draws new ones, to be trained.

    Raises:
        WeightsError: the file is missing or of another network.
    """

    outputs = ("enhanced", "illumination")
    #: How far the denoiser looks, given the context; a multiple of 16, so that tiles keep its grid.
    receptive_radius = 144
    #: Side of tiles: with 512 that radius takes half of the time, with 1024 the memory of a tile is twice that of 768.
    tile = 768

    def __init__(self, size: Literal["base", "small"] = "base", weights: str | Path | None = None) -> None:
        super().__init__()
        self.level = PictureLevel()
        self.denoiser = Denoiser(WIDTHS[size])
        if weights is not None:
            load_weights(self, weights)

    def context(self, picture: Tensor) -> dict[str, Tensor]:
        """What is decided by the whole picture (B,3,H,W), see :class:`lowface_night.picture_level.PictureLevel`."""
        return self.level(picture)

    def context_by_rows(
        self, rows: Callable[[int, int], Tensor], height: int, width: int
    ) -> Callable[[slice, slice], dict[str, Tensor]]:
        """The same of a picture that is too large for floats, see :class:`lowface_core.step.loaded_enhancer`."""
        return self.level.by_rows(rows, height, width)

    def smooth(self, previous: dict[str, Tensor], context: dict[str, Tensor], weight: float) -> dict[str, Tensor]:
        """A frame's context, drawn towards that of the frame before it in a video.

        All that holds for the whole frame is blended, the mean of ``light`` as well. What ``light`` says of places
        follows three times as fast or so (weight ** 0.5): it must not stay behind what moves.

        Args:
            weight: of ``context``, in (0,1].
        """
        blended = {name: torch.lerp(previous[name], value, weight) for name, value in context.items()}
        mean, before = (each["light"].mean((2, 3), keepdim=True) for each in (context, previous))
        places = torch.lerp(previous["light"] - before, context["light"] - mean, weight**0.5)
        return {**blended, "light": torch.lerp(before, mean, weight) + places}

    def forward(self, low: Tensor, context: dict[str, Tensor] | None = None) -> dict[str, Tensor]:
        """Enhances pictures, or tiles of them.

        Args:
            low: (B,3,H,W) RGB in [0,1], any size.
            context: of the whole pictures, its ``light`` cut to the tile; by default of ``low``.

        Returns:
            ``enhanced`` (B,3,H,W) in [0,1]; ``illumination`` (B,1,H,W) > 0, 1 / gain of each place.
        """
        level = self.context(low) if context is None else context
        height, width = low.shape[-2:]
        gain = level["gain"].mean(1, keepdim=True) + level["light"]
        frame = (0, -width % STRIDE, 0, -height % STRIDE)
        bright, gain_there = (F.pad(x, frame, mode="replicate") for x in (brighten(low, level), gain))
        clean = self.denoiser(bright, gain_there, level["noise"])[..., :height, :width].clamp(0, 1)
        change = 1 - level["keep"]
        return {"enhanced": low + change * (clean - low), "illumination": torch.exp(-change * gain)}
