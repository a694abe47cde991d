"""Learned perceptual image patch similarity."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Literal, get_args

import torch
from torch import Tensor
from torch.nn import functional as F

from lowface_core.errors import WeightsError
from lowface_core.weights.record import find
from lowface_core.weights.state_dict import load_weights
from lowface_metrics import LPIPS as LPIPS_WEIGHTS
from lowface_metrics.frozen import frozen, marked
from lowface_metrics.lpips_network import LPIPSNetwork
from lowface_metrics.per_picture import PictureMean, at_least_single, check_pictures

Variant = Literal["alex", "vgg", "alex_released", "vgg_released"]
VARIANTS = get_args(Variant)
RELEASED_SIZE = 500
EXTRA = 'pip install "lowface[metrics]"'


class LPIPS(PictureMean):
    """Mean over pictures of each picture's learned perceptual distance (LPIPS 0.1) to its reference.

    A picture's features in an ImageNet classifier, scaled to unit length at each pixel, are compared with the
    reference's: squared differences, weighted by channel as fitted to people's judgements, averaged over pixels, summed
    over five layers. About 0 to 1, lower is better; 0 where the two are equal.

    * ``"alex"``, ``"vgg"``: at the pictures' own size.
    * ``"alex_released"``, ``"vgg_released"``: both pictures first resized to 500x500, bilinear without antialiasing, as
      the evaluation code released with Low-FaceNet does.

    Source: Zhang, Isola, Efros, Shechtman, Wang, The unreasonable effectiveness of deep features as a perceptual
    metric, CVPR 2018, equation (1); equal to the ``lpips`` package 0.1.4.

    Args:
        weights: the classifier: ``"alex"`` or ``"vgg"`` (torchvision's files), or a file of torchvision's layout.
        variant: see above; its first word must be the classifier's name. The attribute of this name has a hash behind
            it where the files are not the published ones.
        linear: file of the weights by channel; by default the one inside the installed ``lpips`` package.

    Raises:
        WeightsError: a file cannot be read or does not fit; or the package ``lpips`` is not installed.
    """

    name = "lpips"

    def __init__(self, weights: str | Path, variant: Variant = "alex", linear: str | Path | None = None) -> None:
        super().__init__()
        net, _, released = variant.partition("_")
        self.released = bool(released)
        linear = packaged_linear(net) if linear is None else Path(linear).expanduser()
        self.network = frozen(f"lpips {net}", (weights, linear), lambda: _load(net, weights, linear))
        known = (LPIPS_WEIGHTS[name].sha256 for name in (net, f"{net}-linear"))
        self.variant = marked(variant, zip((weights, linear), known, strict=True))

    @torch.no_grad()
    def update(self, image: Tensor, normal: Tensor) -> dict[str, Tensor]:
        """Takes in ``image`` and ``normal``, (B,3,H,W) RGB in [0,1]; ``{"lpips": (B,)}``, each picture's distance."""
        check_pictures(self.name, image=image, normal=normal)
        network = self.network.to(image.device)
        with torch.autocast(image.device.type, enabled=False):
            pair = [at_least_single(x).float() for x in (image, normal)]
            if self.released:
                size = (RELEASED_SIZE, RELEASED_SIZE)
                pair = [F.interpolate(x, size, mode="bilinear", align_corners=False) for x in pair]
            return self.add(network(*pair))


def packaged_linear(net: str) -> Path:
    """File of the weights by channel inside the ``lpips`` package, which is never imported.

    Raises:
        WeightsError: the package is not installed, or its file is not the expected one.
    """
    if importlib.util.find_spec("lpips") is None:
        raise WeightsError(
            f"lpips: its weights by channel lie in the package lpips, which is not installed: {EXTRA}; "
            "or give their file with linear="
        )
    record = find(f"lpips/{net}-linear")
    record.verify()
    return record.path


def _load(net: str, weights: str | Path, linear: Path) -> LPIPSNetwork:
    network = LPIPSNetwork(net)
    last = network.trunk.listened[-1]

    def wanted(key: str) -> str | None:
        part, _, rest = key.partition(".")
        beyond = part == "features" and rest.partition(".")[0].isdigit() and int(rest.partition(".")[0]) > last
        return None if part == "classifier" or beyond else key

    load_weights(network.trunk, weights, rename=wanted)
    load_weights(network.calibration, linear)
    return network
