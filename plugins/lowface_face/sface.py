"""SFace (Zhong et al., IEEE TIP 30, 2021) on MobileNetV1, as OpenCV's ``FaceRecognizerSF`` runs it, with gradients."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from lowface_core.weights.onnx_file import in_order

from .encoder import Encoder
from .layers import convolution, separable

#: Channels and stride of the thirteen separable blocks.
BLOCKS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))


class SFaceNet(nn.Module):
    """The network alone: RGB (B,3,112,112) on the 0..255 scale → (B,128), not of unit length.

    ONNX files of OpenCV Zoo are taken as they are, quantised ones too.
    """

    def __init__(self) -> None:
        super().__init__()
        layers, channels = [*convolution(3, 32, activation=functools.partial(nn.PReLU, 32))], 32
        for outputs, stride in BLOCKS:
            # a slope for each channel, whose number changes inside a block
            deep = separable(channels, channels, stride, functools.partial(nn.PReLU, channels))[:3]
            layers += [*deep, *convolution(channels, outputs, 1, activation=functools.partial(nn.PReLU, outputs))]
            channels = outputs
        self.body = nn.Sequential(*layers)
        self.norm = nn.BatchNorm2d(channels)
        self.dense = nn.Linear(channels * 7 * 7, 128)
        self.dense_norm = nn.BatchNorm1d(128)
        for module in self.body.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eps = 1e-3
        self.norm.eps = self.dense_norm.eps = 2e-5

    def adapt_state(self, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The weights of an ONNX file in this layout."""
        return in_order(self, state)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        x = self.norm(self.body((x - 127.5) / 128))
        return self.dense_norm(self.dense(x.flatten(1)))


class SFace(Encoder):
    """Head ``sface``: 128 numbers from a crop of 112 x 112 pixels, aligned by five points as OpenCV aligns it.

    Needs ``pip install "lowface[onnx]"`` where the weights are an ONNX file.

    Args:
        weights: ONNX file of OpenCV Zoo (``face_recognition_sface_2021dec.onnx`` or its quantised forms with whole
            numbers for weights), or a checkpoint of this network.

    Raises:
        WeightsError: the file is not such a one.
    """

    crop_size = (112, 112)
    dim = 128

    def __init__(self, weights: str | Path) -> None:
        super().__init__(SFaceNet(), weights)

    def embed(self, crop: Tensor) -> Tensor:
        """Crop in [0,1] → (B,128)."""
        return self.network(crop * 255)
