"""The face parser whose checkpoint was released with Low-FaceNet, as a frozen head."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge

from lowface_core.registry.bounds import Count
from lowface_core.weights.state_dict import load_weights
from lowface_semantic.mobilenet import MobileNetDeepLab
from lowface_semantic.parser import Parser


class DeepLabV3PlusMobileNet(Parser):
    """Face parser: pictures (B,3,H,W) RGB in [0,1] → logits (B,num_classes,H,W).

    Args:
        weights: ``best_deeplabv3plus_mobilenet_lapa_epoch96.pth`` (key ``model_state``), or a file of the same layout.
        num_classes: 11 for LaPa, see :data:`lowface_semantic.classes.LAPA_CLASSES`.
        output_stride: 16 as released, or 8 (finer and slower; the weights' shapes are the same).
        input_size: length of the longer side that the network sees; None: the picture's own.
        normalize: ImageNet normalisation.

    Raises:
        ConfigError: an argument is not usable.
        WeightsError: the file cannot be read or does not fit.

    Source: layout of github.com/VainF/DeepLabV3Plus-Pytorch, from which the released checkpoint comes. Its blocks
    pad their input instead of their depthwise convolution and its stem pads nothing, so logits differ from other
    MobileNetV2s near the border.
    """

    def __init__(
        self,
        weights: str | Path,
        num_classes: Annotated[int, Ge(2)] = 11,
        output_stride: Literal[8, 16] = 16,
        input_size: Count | None = None,
        normalize: bool = True,
    ) -> None:
        # multiple=1: the released network stretches its logits over the picture whatever its size
        super().__init__(MobileNetDeepLab(num_classes, output_stride), input_size, normalize, multiple=1, smallest=16)
        load_weights(self.network, weights)
        self.eval()
