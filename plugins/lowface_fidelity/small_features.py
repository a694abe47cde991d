"""A VGG in miniature: features cheap enough for a processor, with weights that ship with the project."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from annotated_types import Len

from lowface_core.registry.bounds import Count
from lowface_core.weights.state_dict import load_weights
from lowface_fidelity.vgg16 import VGGLadder

DEFAULT_WIDTHS = (16, 32, 64, 80)
DEPTHS = (2, 2, 3, 3)
Widths = Annotated[Sequence[Count], Len(len(DEPTHS), len(DEPTHS))]


class SmallFeaturesNet(VGGLadder):
    """The bare network: four blocks as in VGG-16 at an eighth of its width, 0.27 million parameters.

    Rungs ``relu1_1`` … ``relu4_3``, so that losses written for VGG-16 find their layers; a 96x96 picture costs about a
    fiftieth of what it costs there.

    Args:
        widths: channels of the four blocks.
    """

    def __init__(self, widths: Widths = DEFAULT_WIDTHS) -> None:
        super().__init__(tuple(zip(widths, DEPTHS, strict=True)))


class SmallFeatures(SmallFeaturesNet):
    """The small network with weights from a file.

    Args:
        weights: a file written by ``lowface pretrain`` (:class:`lowface_fidelity.features_task.FeaturesTask`).
        widths: channels of the four blocks, as trained.

    Raises:
        WeightsError: the file cannot be read or does not fit.
    """

    def __init__(self, weights: str | Path, widths: Widths = DEFAULT_WIDTHS) -> None:
        super().__init__(widths)
        load_weights(self, weights)
