"""What face encoders share: the crop they expect, and the embedding's unit length."""

from __future__ import annotations

import abc
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lowface_core.weights.state_dict import load_weights

#: Landmarks of a frontal face in a crop of 112 x 112 (width x height), xy pixels: image-left eye, image-right eye,
#: nose, image-left and image-right mouth corner. The coordinates of SphereFace (112 x 96) moved 8 pixels to the right,
#: as ArcFace uses them.
TEMPLATE_112 = ((38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041))


def template_for(size: tuple[int, int]) -> Tensor:
    """The five-point template (5,2) for a crop of ``size`` (height, width).

    It is scaled by the height and centred sideways, so 112 x 96 has the 112 x 112 coordinates less 8 pixels. Pixel
    centres are scaled: the first pixel's centre, at index 0, lies half a pixel inside the crop.
    """
    height, width = size
    scale = height / 112
    points = (torch.tensor(TEMPLATE_112) + 0.5) * scale - 0.5
    return points - torch.tensor([(height - width) / 2, 0.0])


class Encoder(nn.Module, abc.ABC):
    """Head that turns aligned face crops into embeddings of unit length.

    A subclass sets :attr:`crop_size` and :attr:`dim` and implements :meth:`embed`.

    Args:
        network: without weights; None: the subclass has its own way.
        weights: file with its weights.
        rename: key in the file → key of the network; None leaves it out.

    Raises:
        WeightsError: the file cannot be read or does not fit.
    """

    #: (height, width) of the crop the network was trained on.
    crop_size: tuple[int, int]
    #: Length of an embedding.
    dim: int

    def __init__(
        self,
        network: nn.Module | None = None,
        weights: str | Path = "",
        rename: Callable[[str], str | None] | None = None,
    ) -> None:
        super().__init__()
        if network is not None:
            self.network = network
            load_weights(network, weights, rename=rename)
            self.eval()

    @property
    def template(self) -> Tensor:
        """Where the five landmarks belong in the crop, (5,2) xy pixels."""
        return template_for(self.crop_size)

    @abc.abstractmethod
    def embed(self, crop: Tensor) -> Tensor:
        """Crop (B,3,*crop_size) in [0,1] → embedding (B,dim) of any length."""

    def forward(self, image: Tensor) -> Tensor:
        """Crops ``image`` (B,3,h,w) RGB in [0,1] → (B,dim) of unit length; gradients reach them.

        A crop that does not measure :attr:`crop_size` is resized.
        """
        if tuple(image.shape[-2:]) != self.crop_size:
            image = F.interpolate(image, size=self.crop_size, mode="bilinear", align_corners=False, antialias=True)
        return F.normalize(self.embed(image), dim=1)
