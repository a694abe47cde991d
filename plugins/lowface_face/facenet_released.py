"""The two FaceNets of Low-FaceNet's released code: 128 numbers from a crop of 160 x 160 in [0,1], not normalised."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from torch import Tensor, nn

from lowface_core.weights.state_dict import load_weights

from .encoder import Encoder
from .layers import MobileNetTrunk


class MobileNetEmbedding(nn.Module):
    """The network alone: crop (B,3,160,160) in [0,1] → (B,128), not of unit length."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = MobileNetTrunk(32, nn.ReLU6)
        self.Bottleneck = nn.Linear(1024, 128, bias=False)
        self.last_bn = nn.BatchNorm1d(128, eps=1e-3)

    def forward(self, crop: Tensor) -> Tensor:
        """See the class."""
        return self.last_bn(self.Bottleneck(self.trunk(crop)[-1].mean((2, 3))))


def inception_network() -> nn.Module:
    """The library's Inception-ResNet v1 with 128 outputs, untrained: crop (B,3,160,160) in [0,1] → (B,128)."""
    from facenet_pytorch import InceptionResnetV1

    network = InceptionResnetV1()
    network.last_linear = nn.Linear(1792, 128, bias=False)
    network.last_bn = nn.BatchNorm1d(128, eps=1e-3)
    return network


class _ReleasedFaceNet(Encoder):
    """What the two released encoders share: 128 numbers from a crop of 160 x 160 pixels."""

    crop_size = (160, 160)
    dim = 128

    def __init__(self, network: nn.Module, weights: str | Path, rename: Callable[[str], str | None]) -> None:
        super().__init__()
        self.network = network
        load_weights(self.network, weights, rename=rename)
        self.eval()

    def embed(self, crop: Tensor) -> Tensor:
        """Crop in [0,1] → (B,128)."""
        return self.network(crop)


class FaceNetMobileNet(_ReleasedFaceNet):
    """Head ``facenet_mobilenet``: the encoder with which the paper's released code trains.

    Args:
        weights: checkpoint with the layout of the released ``facenet_mobilenet.pth``.

    Raises:
        WeightsError: the file is not such a checkpoint.
    """

    def __init__(self, weights: str | Path) -> None:
        super().__init__(MobileNetEmbedding(), weights, _mobilenet_key)


class FaceNetInception(_ReleasedFaceNet):
    """Head ``facenet_inception_resnetv1``: the released code's other encoder, the library's network with 128 outputs.

    Args:
        weights: checkpoint with the layout of the released ``facenet_inception_resnetv1.pth``.

    Raises:
        WeightsError: the file is not such a checkpoint.
    """

    def __init__(self, weights: str | Path) -> None:
        super().__init__(inception_network(), weights, _inception_key)


def _mobilenet_key(key: str) -> str | None:
    """Released key → key of :class:`MobileNetEmbedding`; the training classifier, where saved, is left out."""
    return None if key.startswith("classifier.") else key.replace("backbone.model.", "trunk.")


def _inception_key(key: str) -> str | None:
    """Released key → key of the library's network."""
    if key.startswith("classifier."):
        return None
    return key.replace("backbone.model.", "").replace("Bottleneck.", "last_linear.")
