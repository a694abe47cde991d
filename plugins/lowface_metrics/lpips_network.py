"""The two halves of LPIPS: an ImageNet classifier's convolutions, and five calibrated sums over its channels."""

from __future__ import annotations

import torch
import torchvision
from torch import Tensor, nn

from lowface_core.errors import LowfaceError

#: Net → index, in torchvision's ``features``, of each ReLU that is listened to; its channels; the smallest side.
NETS: dict[str, tuple[tuple[int, ...], tuple[int, ...], int]] = {
    "alex": ((1, 4, 7, 9, 11), (64, 192, 384, 256, 256), 31),
    "vgg": ((3, 8, 15, 22, 29), (64, 128, 256, 512, 512), 16),
}
BUILDERS = {"alex": torchvision.models.alexnet, "vgg": torchvision.models.vgg16}
# ImageNet's mean and standard deviation, moved to pictures in [-1,1] and rounded as the authors do
SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
EPS = 1e-10


class Trunk(nn.Module):
    """AlexNet's or VGG-16's convolutions without weights; keys are torchvision's, ``features.0.weight`` …

    Args:
        net: ``"alex"`` or ``"vgg"``.
    """

    shift: Tensor
    scale: Tensor

    def __init__(self, net: str = "alex") -> None:
        super().__init__()
        self.net = net
        self.listened, self.channels, self.smallest = NETS[net]
        # of the whole network, half a gigabyte in VGG's case, only the convolutions are ever allocated
        with torch.device("meta"):
            whole = BUILDERS[net](weights=None)
        features: nn.Sequential = whole.features[: self.listened[-1] + 1]
        if not torch.empty(0).is_meta:
            features.to_empty(device="cpu")
            for layer in features:
                if isinstance(layer, nn.Conv2d):
                    layer.reset_parameters()
        self.features = features
        self.register_buffer("shift", torch.tensor(SHIFT).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("scale", torch.tensor(SCALE).view(1, 3, 1, 1), persistent=False)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Five feature maps of pictures (B,3,H,W) in [0,1], each pixel's vector of unit length.

        Raises:
            LowfaceError: the pictures are too small for the network.
        """
        if min(image.shape[2:]) < self.smallest:
            height, width = image.shape[2:]
            raise LowfaceError(
                f"lpips: pictures of {width}x{height} pixels are too small for {self.net}; it needs {self.smallest}"
            )
        x = (2 * image - 1 - self.shift) / self.scale
        found = []
        for index, layer in enumerate(self.features):
            x = layer(x)
            if index in self.listened:
                found.append(x / (x.square().sum(1, keepdim=True).sqrt() + EPS))
        return found


class Calibration(nn.Module):
    """A weight per channel of each feature map, without weights; keys as in the ``lpips`` package's files."""

    def __init__(self, channels: tuple[int, ...]) -> None:
        super().__init__()
        for index, count in enumerate(channels):
            layer = nn.Module()
            # a dropout, without effect in eval mode, comes before it in training; hence the 1 in the key
            layer.model = nn.Sequential(nn.Identity(), nn.Conv2d(count, 1, 1, bias=False))
            self.add_module(f"lin{index}", layer)


class LPIPSNetwork(nn.Module):
    """Both halves; without weights until :func:`lowface_core.weights.state_dict.load_weights` filled each."""

    def __init__(self, net: str = "alex") -> None:
        super().__init__()
        self.trunk = Trunk(net)
        self.calibration = Calibration(self.trunk.channels)

    def forward(self, image: Tensor, normal: Tensor) -> Tensor:
        """Distance of each pair of pictures, (B,3,H,W) in [0,1] each → (B,), 0 where they are equal."""
        layers = (layer.get_submodule("model") for layer in self.calibration.children())
        maps = zip(layers, self.trunk(image), self.trunk(normal), strict=True)
        return torch.stack([weigh((x - y).square()).mean((1, 2, 3)) for weigh, x, y in maps]).sum(0)
