"""What the heads made of timm networks share: building one without weights, its facts, and reading a checkpoint."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from lowface_core.data.normalise import Normalise
from lowface_core.errors import ConfigError, PluginError, nearest
from lowface_core.weights.state_dict import load_weights


def create(model: str, head: str, **arguments: Any) -> Any:
    """A timm network (a module; timm is untyped) with random weights; never downloads.

    Args:
        model: timm's name, e.g. ``resnet18`` or ``convnext_atto.d2_in1k``.
        head: the lowface head asking, for messages.
        **arguments: of ``timm.create_model``.

    Raises:
        ConfigError: timm has no such model, or it cannot be built so.
        PluginError: timm cannot be imported.
    """
    try:
        import timm
    except ImportError as error:
        raise PluginError(f"{head}: timm cannot be imported ({error}); pip install 'timm>=1.0'") from error
    bare = str(model).partition(".")[0]
    if not timm.is_model(bare):
        raise ConfigError(f"{head}: timm {timm.__version__} has no model {model!r}{nearest(bare, timm.list_models())}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # deprecations inside timm
            return timm.create_model(model, pretrained=False, **arguments)
    except Exception as error:  # each family of models checks its arguments in its own way
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ConfigError(f"{head}: timm cannot build {model!r} this way ({reason})") from error


def load(network: Any, weights: str | Path) -> None:
    """Loads a timm checkpoint strictly into a whole timm network; without a classifier where the network has none.

    Raises:
        WeightsError: the file cannot be read or does not fit.
    """
    own = network.state_dict()
    classifiers = network.pretrained_cfg.get("classifier") or ()
    names = (classifiers,) if isinstance(classifiers, str) else tuple(classifiers)
    # "head.fc" also means what else is left of "head" in the file: some classifiers come with a norm of their own
    places = tuple(f"{name.rpartition('.')[0] or name}." for name in names) if network.num_classes == 0 else ()

    def rename(key: str) -> str | None:
        return None if places and key not in own and key.startswith(places) else key

    load_weights(network, weights, rename=rename)


class TimmInput(nn.Module):
    """Pictures (B,3,H,W) in [0,1] as a timm network was trained to see them.

    Args:
        network: anything timm built; its ``pretrained_cfg`` holds mean, standard deviation and size.
        input_size: height and width in pixels that pictures are brought to; None: their own, except for networks that
            take one size only.
        normalize: subtract the mean and divide by the standard deviation.
    """

    def __init__(self, network: Any, input_size: int | None, normalize: bool) -> None:
        super().__init__()
        facts = network.pretrained_cfg
        self.input_size = input_size
        if input_size is None and facts.get("fixed_input_size"):
            self.input_size = int(facts["input_size"][-1])
        self.normalise = Normalise(facts["mean"], facts["std"]) if normalize else nn.Identity()

    def forward(self, image: Tensor) -> Tensor:
        """(B,3,H,W) in [0,1] → the network's input; gradients reach the picture."""
        if self.input_size is not None and tuple(image.shape[-2:]) != (self.input_size, self.input_size):
            size = (self.input_size, self.input_size)
            image = F.interpolate(image, size=size, mode="bilinear", align_corners=False, antialias=True)
        return self.normalise(image)


def size_arguments(model: str, input_size: int | None) -> dict[str, int]:
    """``img_size`` for ``timm.create_model`` where the network is built for one size."""
    if input_size is None:
        return {}
    from timm.models import get_pretrained_cfg, is_model

    facts = get_pretrained_cfg(model, allow_unregistered=True) if is_model(str(model).partition(".")[0]) else None
    return {"img_size": input_size} if facts is not None and facts.fixed_input_size else {}
