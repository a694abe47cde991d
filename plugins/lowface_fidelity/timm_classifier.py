"""Any timm classifier as a frozen head, for losses of other tasks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor, nn

from lowface_core.registry.bounds import Count
from lowface_fidelity.timm_backbone import TimmInput, create, load, size_arguments


class TimmClassifierNet(nn.Module):
    """The classifier without weights; see :class:`TimmClassifier`."""

    def __init__(
        self,
        model: str = "resnet18",
        num_classes: Count | None = None,
        input_size: Count | None = None,
        normalize: bool = True,
    ) -> None:
        super().__init__()
        arguments = size_arguments(model, input_size)
        if num_classes is not None:
            arguments["num_classes"] = num_classes
        self.network: Any = create(model, "timm_classifier", **arguments)
        self.entry = TimmInput(self.network, input_size, normalize)

    def forward(self, image: Tensor) -> Tensor:
        """Class scores (B,num_classes) of ``image`` (B,3,H,W) RGB in [0,1], as logits; gradients reach the picture."""
        return self.network(self.entry(image))


class TimmClassifier(TimmClassifierNet):
    """Pictures (B,3,H,W) RGB in [0,1] → logits (B,num_classes) of any timm network.

    Args:
        weights: checkpoint of the whole network with its classifier, as timm publishes it or as timm's training script
            saves it.
        model: timm's name of the network.
        num_classes: classes of the checkpoint; None: as many as timm's own weights of this model have (mostly 1000).
        input_size: height and width in pixels that pictures are brought to; None: their own, except for networks that
            take one size only.
        normalize: with the mean and standard deviation the weights were trained with.

    Raises:
        ConfigError: timm has no such model, or a number is out of range.
        WeightsError: the file cannot be read or does not fit.
    """

    def __init__(
        self,
        weights: str | Path,
        model: str = "resnet18",
        num_classes: Count | None = None,
        input_size: Count | None = None,
        normalize: bool = True,
    ) -> None:
        super().__init__(model, num_classes, input_size, normalize)
        load(self.network, weights)
        self.eval()
