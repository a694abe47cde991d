"""DeepLabv3+ networks assembled by mmsegmentation, without weights."""

from __future__ import annotations

import threading
import warnings
from typing import Any, Literal, get_args

from torch import nn

# Strides and dilations keep the last stages at an eighth of the picture, mmsegmentation's "d8" layouts: a checkpoint of
# its deeplabv3plus_{r18,r50,r101,m-v2}-d8 configs fits key for key (apart from the number of classes).
_RESNET = {
    "type": "ResNetV1c",
    "num_stages": 4,
    "out_indices": (0, 1, 2, 3),
    "dilations": (1, 1, 2, 4),
    "strides": (1, 2, 1, 1),
    "norm_cfg": {"type": "BN"},
    "norm_eval": False,
    "style": "pytorch",
    "contract_dilation": True,
}
_MOBILENET = {
    "type": "MobileNetV2",
    "widen_factor": 1.0,
    "strides": (1, 2, 2, 1, 1, 1, 1),
    "dilations": (1, 1, 1, 2, 2, 4, 4),
    "out_indices": (1, 2, 4, 6),
    "norm_cfg": {"type": "BN"},
}


def _decoder(deep: int, channels: int, shallow: int, narrow: int) -> dict[str, Any]:
    """Channels of the last stage, of the pyramid on it, of the first stage, and to how many that one is narrowed."""
    return {"in_channels": deep, "channels": channels, "c1_in_channels": shallow, "c1_channels": narrow}


_LAYOUTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "resnet18": ({**_RESNET, "depth": 18}, _decoder(512, 128, 64, 12)),
    "resnet50": ({**_RESNET, "depth": 50}, _decoder(2048, 512, 256, 48)),
    "resnet101": ({**_RESNET, "depth": 101}, _decoder(2048, 512, 256, 48)),
    "mobilenet_v2": (_MOBILENET, _decoder(320, 512, 24, 48)),
    # ResNet-18 at a quarter of its width, with a pyramid scaled to the 12x12 cells that a 96 px face leaves.
    "small": (
        {**_RESNET, "depth": 18, "base_channels": 16, "stem_channels": 16},
        {**_decoder(128, 48, 16, 16), "dilations": (1, 2, 4, 6)},
    ),
}
_DILATIONS = (1, 12, 24, 36)
_lock = threading.Lock()  # registry scope and warning filters belong to the process

#: What ``backbone=`` may say.
Backbone = Literal["resnet18", "resnet50", "resnet101", "mobilenet_v2", "small"]
BACKBONES: tuple[str, ...] = get_args(Backbone)


def build_network(backbone: str, num_classes: int = 11) -> nn.Module:
    """An untrained DeepLabv3+ (encoder, separable atrous pyramid, decoder on the first stage).

    Args:
        backbone: one of :data:`BACKBONES`.
        num_classes: channels of the output, at least 2.

    Returns:
        mmsegmentation's ``EncoderDecoder``, in train mode: normalised pictures (B,3,H,W) → logits (B,num_classes,h,w)
        with h = ceil(H / 4), w = ceil(W / 4). State-dict keys start with ``backbone.`` and ``decode_head.``, as in
        mmsegmentation's checkpoints. Convolutions are drawn from He's normal distribution, the last from N(0, 0.01).

    Raises:
        PluginError: mmsegmentation cannot be imported.

    Source: L.-C. Chen et al., "Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation",
    ECCV 2018.
    """
    encoder, decoder = _LAYOUTS[backbone]
    network = build_model(
        {
            "type": "EncoderDecoder",
            "backbone": encoder,
            "decode_head": {
                "type": "DepthwiseSeparableASPPHead",
                "in_index": 3,
                "dilations": _DILATIONS,
                "num_classes": num_classes,
                "dropout_ratio": 0.1,
                "norm_cfg": {"type": "BN"},
                "align_corners": False,
                **decoder,
            },
            "data_preprocessor": {"type": "SegDataPreProcessor"},
            "test_cfg": {"mode": "whole"},
        }
    )
    _initialise(network)
    return network


def build_model(cfg: dict[str, Any]) -> nn.Module:
    """Anything in mmsegmentation's model registry (network, loss), whatever registry scope the process is in.

    Raises:
        PluginError: mmsegmentation cannot be imported.
    """
    from lowface_semantic.mmcv_ops import import_mmseg

    import_mmseg()
    from mmengine.registry import DefaultScope
    from mmseg.registry import MODELS

    with _lock, warnings.catch_warnings(), DefaultScope.overwrite_default_scope("mmseg"):
        warnings.simplefilter("ignore")  # the library warns about its own defaults and deprecated builders
        return MODELS.build(cfg)


def _initialise(network: nn.Module) -> None:
    # The library's own init_weights() gives the same scale but writes a page of log lines.
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    nn.init.normal_(network.get_parameter("decode_head.conv_seg.weight"), std=0.01)
