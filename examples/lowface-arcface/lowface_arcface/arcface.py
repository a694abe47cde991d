"""The head: aligned face crops in, embeddings out."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from lowface_arcface.iresnet import IResNet
from lowface_core.weights.state_dict import load_weights
from lowface_face.encoder import Encoder


class ArcFace(Encoder):
    """Head ``arcface``: ``dim`` numbers from a crop of 112 x 112 pixels, for ``face(encoder=…)``.

    The base class brings a crop (B,3,h,w) in [0,1] to 112 x 112 and the embedding (B,dim) to unit length, and says
    where the five landmarks belong: ArcFace's template.

    Args:
        weights: a checkpoint with insightface's layout, one that ``lowface pretrain`` wrote, or the name of a record.
        depth: 18, 34, 50 or 100: that of the checkpoint.
        width: channels of the first stage; 64 unless you trained another.
        dim: length of an embedding; 512 unless you trained another.

    Raises:
        ConfigError: there is no such depth, or a number is not positive.
        WeightsError: the file is not such a checkpoint; names what it looks like.
    """

    crop_size = (112, 112)

    def __init__(self, weights: str | Path, depth: int = 18, width: int = 64, dim: int = 512) -> None:
        super().__init__()
        self.dim = dim
        self.network = IResNet(depth, width, dim)
        load_weights(self.network, weights)
        self.eval()

    def embed(self, crop: Tensor) -> Tensor:
        """Crop (B,3,112,112) in [0,1] → (B,dim); the checkpoints expect RGB in [−1,1]."""
        return self.network(crop * 2 - 1)
