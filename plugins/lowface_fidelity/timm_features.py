"""Any timm backbone as a feature head."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor, nn

from lowface_core.errors import ConfigError, WeightsError
from lowface_core.registry.bounds import Count
from lowface_core.step.feature_head import FeatureHead, index_of
from lowface_fidelity.timm_backbone import TimmInput, create, load, size_arguments


class TimmLadder(FeatureHead):
    """A timm network whose stages follow one another, so that a deeper layer continues where a shallower one ended.

    Args:
        network: timm's ``FeatureListNet`` of the backbone.
        entry: prepares pictures for it.
    """

    network: Any

    def __init__(self, network: Any, entry: TimmInput) -> None:
        super().__init__()
        self.network, self.entry = network, entry
        self.layers = tuple(network.feature_info.module_name())
        self._channels_last = str(getattr(network, "output_fmt", "NCHW")).endswith("NHWC")
        self._groups: list[list[str]] = [[]]  # the modules that lead to each layer
        for name in network:
            self._groups[-1].append(name)
            if name in network.return_layers:
                self._groups.append([])

    def prepare(self, image: Tensor) -> Tensor:
        """Picture (B,3,H,W) in [0,1], normalised and resized as the network wants it."""
        return self.entry(image)

    def climb(self, rung: int, x: Tensor) -> Tensor:
        """Next rung: every module up to the next feature; (B,C,h,w) whatever the network keeps inside."""
        if self._channels_last and rung > 0:
            x = x.permute(0, 2, 3, 1)
        for name in self._groups[rung]:
            x = self.network[name](x)
        return x.permute(0, 3, 1, 2) if self._channels_last else x


class TimmIntermediates(nn.Module):
    """A timm network whose features cannot be continued from (transformers); each layer is computed from the picture.

    Args:
        network: the whole backbone, with timm's ``forward_intermediates``.
        entry: prepares pictures for it.
        layers: names of its features, from the picture upwards.
    """

    network: Any

    def __init__(self, network: Any, entry: TimmInput, layers: tuple[str, ...]) -> None:
        super().__init__()
        self.network, self.entry, self.layers = network, entry, layers

    def forward(self, image: Tensor, layer: str) -> Tensor:
        """Features (B,C,h,w) of one layer; nothing above it is computed.

        Raises:
            LowfaceError: there is no such layer.
        """
        return self.network.forward_intermediates(
            self.entry(image),
            indices=[index_of(layer, self.layers, "timm_features")],
            stop_early=True,
            output_fmt="NCHW",
            intermediates_only=True,
        )[0]


def timm_features(
    weights: str | Path, model: str = "resnet18", input_size: Count | None = None, normalize: bool = True
) -> TimmLadder | TimmIntermediates:
    """Any timm backbone as a feature head: ``head(picture, layer)`` → (B,C,h,w).

    The layers' names are timm's (``layer1`` of a ResNet, ``stages.1`` of a ConvNeXt, ``blocks.11`` of a ViT) and stand
    in ``head.layers``. Networks whose stages follow one another continue from layer to layer within a training step,
    as VGG-16 does; transformers and a few others start each layer from the picture and stop at it.

    Args:
        weights: checkpoint of the whole network as timm publishes it; a classifier in it is passed over. For a model
            without a record save it once: ``torch.save(timm.create_model(MODEL, pretrained=True).state_dict(), FILE)``.
        model: timm's name of the network.
        input_size: height and width in pixels that pictures are brought to; None: their own, except for networks that
            take one size only (most transformers), which get theirs.
        normalize: with the mean and standard deviation the weights were trained with.

    Raises:
        ConfigError: timm has no such model, or it gives no features.
        WeightsError: the file cannot be read or does not fit.
    """
    network = create(model, "timm_features", num_classes=0, **size_arguments(model, input_size))
    load(network, weights)
    entry = TimmInput(network, input_size, normalize)
    chain = _chain(network, model)
    if chain is not None:
        return TimmLadder(chain, entry).eval()
    if not hasattr(network, "forward_intermediates"):
        raise ConfigError(f"timm_features: {model!r} gives no features in timm; use another backbone")
    return TimmIntermediates(network, entry, tuple(info["module"] for info in network.feature_info)).eval()


def _chain(whole: Any, model: str) -> Any:
    """timm's flattened form of a backbone with the weights of ``whole``; None where its stages are no chain."""
    from timm.models import FeatureListNet

    try:
        chain = create(model, "timm_features", features_only=True)
    except ConfigError:  # built without features: the caller says what that means
        return None
    if type(chain) is not FeatureListNet:
        return None
    # Flattening joins the names of modules by underscores.
    given = {key.replace(".", "_"): value for key, value in whole.state_dict().items()}
    wanted = {key: given.get(key.replace(".", "_")) for key in chain.state_dict()}
    if any(value is None for value in wanted.values()):
        raise WeightsError(f"timm_features: the weights of {model!r} do not name the parts of its feature form")
    chain.load_state_dict(wanted)
    chain.pretrained_cfg = whole.pretrained_cfg
    return chain
