"""FaceNet (Schroff et al., CVPR 2015) in three forms: the library facenet-pytorch's, and the two of Low-FaceNet's code.

All take crops of 160 x 160; the released two see them in [0,1] and give 128 numbers.
"""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

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


def library_network() -> nn.Module:
    """facenet-pytorch's Inception-ResNet v1, untrained: crop (B,3,160,160) in [−1,1] → (B,512)."""
    from facenet_pytorch import InceptionResnetV1

    return InceptionResnetV1()  # without arguments it neither loads nor downloads weights


def inception_network() -> nn.Module:
    """The same network with 128 outputs, untrained: crop (B,3,160,160) in [0,1] → (B,128)."""
    network = library_network()
    network.last_linear = nn.Linear(1792, 128, bias=False)
    network.last_bn = nn.BatchNorm1d(128, eps=1e-3)
    return network


class FaceNet(Encoder):
    """Head ``facenet``: the library's Inception-ResNet v1, 512 numbers a face.

    Args:
        weights: checkpoint of the library; the records ``vggface2`` and ``casia-webface`` are its releases.

    Raises:
        WeightsError: the file is not such a checkpoint.
    """

    crop_size, dim = (160, 160), 512

    def __init__(self, weights: str | Path) -> None:
        # The classifier of the training identities is not part of the embedding.
        super().__init__(library_network(), weights, lambda key: None if key.startswith("logits.") else key)

    def embed(self, crop: Tensor) -> Tensor:
        """Crop in [0,1] → (B,512); the weights expect [−1,1]."""
        return self.network((crop - 0.5) / 0.5)


class FaceNetMobileNet(Encoder):
    """Head ``facenet_mobilenet``: the encoder with which the paper's released code trains.

    Args:
        weights: checkpoint with the layout of the released ``facenet_mobilenet.pth``.

    Raises:
        WeightsError: the file is not such a checkpoint.
    """

    crop_size, dim = (160, 160), 128

    def __init__(self, weights: str | Path) -> None:
        super().__init__(MobileNetEmbedding(), weights, _mobilenet_key)

    def embed(self, crop: Tensor) -> Tensor:
        """Crop in [0,1] → (B,128)."""
        return self.network(crop)


class FaceNetInception(FaceNetMobileNet):
    """Head ``facenet_inception_resnetv1``: the released code's other encoder, the library's network with 128 outputs.

    Args:
        weights: checkpoint with the layout of the released ``facenet_inception_resnetv1.pth``.

    Raises:
        WeightsError: the file is not such a checkpoint.
    """

    def __init__(self, weights: str | Path) -> None:
        Encoder.__init__(self, inception_network(), weights, _inception_key)


def _mobilenet_key(key: str) -> str | None:
    """Released key → key of :class:`MobileNetEmbedding`; the training classifier, where saved, is left out."""
    return None if key.startswith("classifier.") else key.replace("backbone.model.", "trunk.")


def _inception_key(key: str) -> str | None:
    """Released key → key of the library's network."""
    if key.startswith("classifier."):
        return None
    return key.replace("backbone.model.", "").replace("Bottleneck.", "last_linear.")
