"""UNIQUE: blind image quality by a network."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from lowface_core.data.normalise import Normalise
from lowface_core.weights.state_dict import load_weights
from lowface_metrics.frozen import frozen, marked
from lowface_metrics.per_picture import PictureMean, at_least_single, check_pictures
from lowface_metrics.unique_network import UniqueNetwork

SIDE = 768


def adaptive_resize(image: Tensor, side: int = SIDE) -> Tensor:
    """Pictures (B,3,H,W) both of whose sides reach ``side`` pixels shrunk until the shorter one is; others as they are.

    Bilinear with antialiasing, as Pillow does it for the released code's ``AdaptiveResize``, without its rounding to
    8 bits in between. The longer side is rounded down.
    """
    height, width = image.shape[2:]
    shorter, longer = sorted((height, width))
    if shorter <= side:
        return image
    longer = int(side * longer / shorter)
    size = (side, longer) if height <= width else (longer, side)
    return F.interpolate(image, size, mode="bilinear", align_corners=False, antialias=True)


class Unique(PictureMean):
    """Mean over pictures of the quality that UNIQUE, a network trained on people's judgements, gives each picture.

    No reference is needed. Higher is better; scores are differences on a scale without zero, about −3 to 3. Faces were
    not among what it was trained on.

    Source: Zhang, Ma, Zhai, Yang, IEEE TIP 30 (2021), with the network and the resizing of the released code.

    Args:
        weights: ``"released"`` (to be fetched by hand, ``lowface weights add unique/released unique.pt``) or its file.
            Nobody states the file's hash, so the attribute ``variant`` carries it: ``released-0a1b2c3d``.

    Raises:
        WeightsError: the file cannot be read or does not fit.
    """

    name = "unique"

    def __init__(self, weights: str | Path) -> None:
        super().__init__()
        self.network = frozen("unique", (weights,), lambda: _load(weights))
        self.variant = marked("released", [(weights, None)])

    @torch.no_grad()
    def update(self, image: Tensor) -> dict[str, Tensor]:
        """Takes in ``image`` (B,3,H,W), RGB in [0,1]; ``{"unique": (B,)}``, each picture's quality."""
        check_pictures(self.name, image=image)
        network = self.network.to(image.device)
        with torch.autocast(image.device.type, enabled=False):
            x = adaptive_resize(at_least_single(image).float())
            quality, _ = network(Normalise().to(x.device)(x))
        return self.add(quality)


def _load(weights: str | Path) -> UniqueNetwork:
    network = UniqueNetwork()
    load_weights(network, weights)
    return network
