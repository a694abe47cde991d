"""The Inception network that Fréchet inception distances are measured with, from torch-fidelity."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lowface_core.errors import ConfigError
from lowface_core.weights.state_dict import load_weights
from lowface_metrics.per_picture import at_least_single, to_bytes

SIDE = 299
#: Parts of torch-fidelity's network from the picture to the 2048 features, in order.
TRUNK = (
    *("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "MaxPool_1", "Conv2d_3b_1x1", "Conv2d_4a_3x3", "MaxPool_2"),
    *("Mixed_5b", "Mixed_5c", "Mixed_5d", "Mixed_6a", "Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"),
    *("Mixed_7a", "Mixed_7b", "Mixed_7c", "AvgPool"),
)


def bare_inception() -> nn.Module:
    """torch-fidelity's port of TensorFlow's 2015 Inception, untrained.

    Raises:
        ConfigError: torch-fidelity is not installed.
    """
    try:
        from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
    except ImportError as error:
        raise ConfigError(
            "fid: its Inception network is in the package torch-fidelity, which is not installed: pip install "
            '"lowface[metrics]"; fid_features needs no such package'
        ) from error

    class Bare(FeatureExtractorInceptionV3):
        """Does not take the empty state dict that its base class is made to read instead of a download."""

        def load_state_dict(self, *args: Any, **kwargs: Any) -> Any:
            if args and not args[0]:
                return None
            return super().load_state_dict(*args, **kwargs)

    nothing = io.BytesIO()
    torch.save({}, nothing)
    nothing.seek(0)
    return Bare("inception-v3-compat", ["2048"], feature_extractor_weights_path=nothing)


class InceptionFeatures(nn.Module):
    """2048 features of pictures of any size.

    Args:
        weights: torch-fidelity's (and pytorch-fid's) conversion of the 2015 Inception.

    Raises:
        ConfigError: torch-fidelity is not installed.
        WeightsError: the file cannot be read or does not fit.
    """

    def __init__(self, weights: str | Path) -> None:
        super().__init__()
        self.net = bare_inception()
        load_weights(self.net, weights)

    def forward(self, image: Tensor, variant: str) -> Tensor:
        """Pictures (B,3,H,W) in [0,1], rounded to 8 bits → (B,2048).

        ``"inception_tf"``: resized by the network itself, as TensorFlow 1 did; ``"clean"``: by :func:`clean_resize`.
        """
        if variant == "inception_tf":
            return self.net(to_bytes(image))[0]
        x = (clean_resize(image) - 128) / 128
        for part in TRUNK:
            x = getattr(self.net, part)(x)
        return x.flatten(1)


def clean_resize(image: Tensor) -> Tensor:
    """Pictures in [0,1] rounded to 8 bits → (B,3,299,299) in 0…255, bicubic with antialiasing as Pillow's.

    Not rounded again, clipped to 0…255 (Parmar, Zhang, Zhu, On aliased resizing …, CVPR 2022).
    """
    x = at_least_single(to_bytes(image))
    return F.interpolate(x, (SIDE, SIDE), mode="bicubic", align_corners=False, antialias=True).clamp(0, 255)
