"""DeepLabv3+, or any other network of mmsegmentation, as a frozen face parser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge

from lowface_core.errors import ConfigError
from lowface_core.registry.bounds import Count
from lowface_core.weights.state_dict import load_weights
from lowface_semantic.network import Backbone, build_network
from lowface_semantic.parser import Parser

# Parts of a training checkpoint that do not parse: deep supervision, and the normalisation that some versions keep.
_TRAINING_ONLY = ("auxiliary_head.", "data_preprocessor.")


def parser_arguments(
    backbone: Backbone = "resnet18",
    num_classes: Annotated[int, Ge(2)] = 11,
    input_size: Count | None = None,
    normalize: bool = True,
    config: str | Path | None = None,
) -> dict[str, Any]:
    """What a :class:`Parser` is built from, untrained network included; arguments as of :class:`DeepLabV3Plus`."""
    given = {"input_size": input_size, "normalize": normalize}
    if config is None:
        return {"network": build_network(backbone, num_classes), **given}
    if backbone != "resnet18":
        raise ConfigError(f"backbone={backbone!r}: the network is described by config={str(config)!r}; leave one out")
    from lowface_semantic.from_config import from_config

    described = from_config(config)
    count = described["network"].out_channels
    if num_classes not in (11, count):
        raise ConfigError(f"num_classes={num_classes}: {config} builds a network for {count}")
    return {**described, "multiple": 32, **given}  # coarser stages than DeepLabv3+'s are common


class DeepLabV3Plus(Parser):
    """Face parser: pictures (B,3,H,W) RGB in [0,1] → logits (B,num_classes,H,W).

    Args:
        weights: file of this project (``lowface pretrain``) or an mmsegmentation checkpoint (key ``state_dict``) of the
            same backbone; an auxiliary head in it is left out.
        backbone: ``resnet18``, ``resnet50``, ``resnet101`` (ResNetV1c), ``mobilenet_v2``, or ``small``, a quarter-width
            ResNet-18 for pictures around 96 pixels.
        num_classes: 11 for LaPa, see :data:`lowface_semantic.classes.LAPA_CLASSES`.
        input_size: length of the longer side that the network sees; None: the picture's own. Any picture size will do.
        normalize: ImageNet normalisation, as mmsegmentation trains; with ``config``, that config's.
        config: a config file of mmsegmentation, or the name of one that it ships. Its ``model`` is built in place of
            the layouts above, whatever its architecture, and ``weights`` is a checkpoint trained with it. Number of
            classes, normalisation and colour order come from the config.

    Raises:
        ConfigError: an argument is not usable.
        WeightsError: the file cannot be read or does not fit.
        PluginError: mmsegmentation cannot be imported.

    Source: L.-C. Chen et al., ECCV 2018. Low-FaceNet (IEEE TIM 2024) takes the regions of its equation (9) from a
    DeepLabv3+ too; the checkpoint released with it has another layout: head ``deeplabv3plus_mobilenet``.
    """

    def __init__(
        self,
        weights: str | Path,
        backbone: Backbone = "resnet18",
        num_classes: Annotated[int, Ge(2)] = 11,
        input_size: Count | None = None,
        normalize: bool = True,
        config: str | Path | None = None,
    ) -> None:
        super().__init__(**parser_arguments(backbone, num_classes, input_size, normalize, config))
        load_weights(self.network, weights, rename=lambda key: None if key.startswith(_TRAINING_ONLY) else key)
        self.eval()
