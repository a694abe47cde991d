"""The head: torchvision's ResNet, whose features are rungs of a ladder with the class scores on top."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated

from annotated_types import Ge
from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, ResNet

from lowface_core.step.feature_head import FeatureHead
from lowface_core.weights.state_dict import load_weights


class ResNetLadderNet(FeatureHead):
    """The network without weights; see :class:`ResNetLadder`."""

    layers = ("stem", "layer1", "layer2", "layer3", "logits")

    def __init__(self, classes: Annotated[int, Ge(2)] = 8) -> None:
        super().__init__()
        norm = functools.partial(nn.GroupNorm, 8)  # no statistics of batches: dark and good pictures do not mix in it
        whole = ResNet(BasicBlock, [1, 1, 1, 1], num_classes=classes, norm_layer=norm)
        self.stem = nn.Sequential(nn.Conv2d(3, 64, 3, stride=2, padding=1, bias=False), whole.bn1, whole.relu)
        self.layer1, self.layer2, self.layer3 = whole.layer1, whole.layer2, whole.layer3
        # a rung like all others, (B,classes,1,1)
        self.logits = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(256, classes), nn.Unflatten(1, (classes, 1, 1))
        )

    def prepare(self, image: Tensor) -> Tensor:
        """(B,3,H,W) in [0,1], brought to mean 0 and deviation 1 roughly."""
        return (image - 0.45) / 0.25

    def climb(self, rung: int, x: Tensor) -> Tensor:
        """The next stage: (B,C,h,w), or logits (B,classes,1,1) on top."""
        stage: nn.Module = getattr(self, self.layers[rung])
        out: Tensor = stage(x)
        return out


class ResNetLadder(ResNetLadderNet):
    """Pictures → features of a stage, or ``"logits"`` (B,classes,1,1): torchvision's ResNet blocks, one a stage.

    Args:
        weights: what ``lowface pretrain`` wrote.
        classes: how many there are.

    Raises:
        WeightsError: the file cannot be read or does not fit.
    """

    def __init__(self, weights: str | Path, classes: Annotated[int, Ge(2)] = 8) -> None:
        super().__init__(classes)
        load_weights(self, weights)
