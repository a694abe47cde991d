"""MobileNetV1 as a feature head: real ImageNet features at a few per cent of VGG-16's cost.

Architecture: Howard et al., "MobileNets", arXiv:1704.04861, with leaky ReLUs and the three stages of the RetinaFace
detector's backbone, whose ImageNet checkpoint (``mobilenetV1X0.25_pretrain.tar``, key ``state_dict``) loads as it is.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import cast

from torch import Tensor, nn

from lowface_core.data.normalise import Normalise
from lowface_core.errors import ConfigError
from lowface_core.step.feature_head import FeatureHead
from lowface_core.weights.state_dict import load_weights
from lowface_face.layers import MobileNetTrunk


class MobileNetV1Ladder(FeatureHead):
    """MobileNetV1 without weights and without its classifier.

    Rungs: ``stage1.0`` (stride 2, 8 channels at width 0.25) … ``stage3``; the last block of a stage bears the stage's
    name: ``stage1`` (stride 8, 64 channels), ``stage2`` (16, 128), ``stage3`` (32, 256). Pictures of any size fit.

    Args:
        width: share of MobileNetV1's full width, of which 32 times must be a whole number.
        normalize: subtract ImageNet's mean and divide by its standard deviation, as in training.

    Raises:
        ConfigError: the width gives no whole number of channels.
    """

    def __init__(self, width: float = 0.25, normalize: bool = True) -> None:
        super().__init__()
        unit = round(32 * width)
        if unit < 1 or unit != 32 * width:
            raise ConfigError(
                f"mobilenet_v1: width is {width}; give a multiple of 1/32 (its usual values: 0.25, 0.5, 1)"
            )
        self.normalise = Normalise() if normalize else nn.Identity()
        names: list[str] = []
        trunk = MobileNetTrunk(unit, functools.partial(nn.LeakyReLU, 0.1))
        for stage, blocks in list(trunk.named_children()):
            self.add_module(stage, blocks)
            names += [*(f"{stage}.{index}" for index in range(len(cast(nn.Sequential, blocks)) - 1)), stage]
        self.layers = tuple(names)

    def prepare(self, image: Tensor) -> Tensor:
        """Picture (B,3,H,W) in [0,1], normalised unless switched off."""
        return self.normalise(image)

    def climb(self, rung: int, x: Tensor) -> Tensor:
        """Next rung: one block."""
        stage, _, index = self.layers[rung].partition(".")
        blocks = getattr(self, stage)
        return blocks[int(index) if index else len(blocks) - 1](x)


class MobileNetV1(MobileNetV1Ladder):
    """MobileNetV1 with weights from a file.

    Args:
        weights: checkpoint in the layout of RetinaFace's ImageNet backbone; the classifier is passed over.
        width: as the weights were trained.
        normalize: as the weights were trained; True for ImageNet.

    Raises:
        WeightsError: the file cannot be read or does not fit.
    """

    def __init__(self, weights: str | Path, width: float = 0.25, normalize: bool = True) -> None:
        super().__init__(width, normalize)
        load_weights(self, weights, rename=lambda key: None if key.startswith("fc.") else key)
        self.eval()
