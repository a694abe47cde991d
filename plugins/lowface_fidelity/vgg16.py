"""VGG-16 as a feature head.

Architecture: Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition", ICLR 2015,
configuration D without the classifier. Parameter names are torchvision's, whose weights load as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from lowface_core.data.normalise import Normalise
from lowface_core.errors import DataError
from lowface_core.step.feature_head import FeatureHead
from lowface_core.weights.state_dict import load_weights

BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))


class VGGLadder(FeatureHead):
    """A VGG of any widths without weights: rungs ``relu<block>_<layer>``, a 2x2 maximum pooling between blocks.

    Args:
        blocks: (channels, convolutions) of each block.
        normalize: subtract ImageNet's mean and divide by its standard deviation, channel by channel.
    """

    def __init__(self, blocks: Sequence[tuple[int, int]] = BLOCKS, normalize: bool = False) -> None:
        super().__init__()
        self.normalise = Normalise() if normalize else nn.Identity()
        names: list[str] = []
        modules: list[nn.Module] = []
        self._convolutions: list[tuple[int, bool]] = []  # per rung: index into features, whether a pooling precedes
        inputs = 3
        for block, (channels, count) in enumerate(blocks, 1):
            for layer in range(1, count + 1):
                names.append(f"relu{block}_{layer}")
                self._convolutions.append((len(modules), block > 1 and layer == 1))
                modules += [nn.Conv2d(inputs, channels, 3, padding=1), nn.ReLU()]
                inputs = channels
            modules.append(nn.MaxPool2d(2))
        self.layers = tuple(names)
        self.features = nn.Sequential(*modules)  # torchvision's numbering: ReLUs and poolings take a number each

    def prepare(self, image: Tensor) -> Tensor:
        """Picture (B,3,H,W) in [0,1], normalised if asked for; on a processor with the channels innermost in memory."""
        image = self.normalise(image)
        # every later rung keeps the layout; forward and backward take 0.7 to 0.8 of the time (benchmarks/)
        return image.contiguous(memory_format=torch.channels_last) if image.device.type == "cpu" else image

    def climb(self, rung: int, x: Tensor) -> Tensor:
        """Next rung: a convolution and a ReLU, with a pooling before the first of a block.

        Raises:
            DataError: the picture has become too small to be pooled again.
        """
        index, pooled = self._convolutions[rung]
        if pooled:
            if min(x.shape[-2:]) < 2:
                block = int(self.layers[rung][4])
                raise DataError(
                    f"{type(self).__name__}: the picture is too small for {self.layers[rung]}; "
                    f"it needs {2 ** (block - 1)} pixels or more on each side"
                )
            x = self.pool(x)
        return self.features[index](x).relu_()  # in place: nobody else sees the convolution's output

    def pool(self, x: Tensor) -> Tensor:
        """What stands between two blocks: (B,C,h,w) of half the size."""
        return functional.max_pool2d(x, 2)


class VGG16(VGGLadder):
    """VGG-16 with weights from a file; rungs ``relu1_1`` … ``relu5_3``.

    Args:
        weights: file of torchvision's ``vgg16`` state dict; the classifier's entries are passed over.
        normalize: normalise as in ImageNet training. The released Low-FaceNet code does not, hence False.

    Raises:
        WeightsError: the file cannot be read or does not fit.
    """

    def __init__(self, weights: str | Path, normalize: bool = False) -> None:
        super().__init__(BLOCKS, normalize)
        load_weights(self, weights, rename=lambda key: None if key.startswith("classifier.") else key)
