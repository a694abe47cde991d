"""A parser's network from a config file of mmsegmentation, without weights."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lowface_core.data.normalise import IMAGENET_MEAN, IMAGENET_STD
from lowface_core.errors import ConfigError, LowfaceError, nearest
from lowface_semantic.mmcv_ops import import_mmseg
from lowface_semantic.network import build_model

#: Keys of a ``model`` that fetch weights, train, or draw: a frozen parser does none of these.
_LEFT_OUT = ("pretrained", "init_cfg", "auxiliary_head", "train_cfg")


def from_config(config: str | Path) -> dict[str, Any]:
    """What :class:`lowface_semantic.parser.Parser` is built from, for what stands under ``model`` in a config.

    Args:
        config: a file (``.py``, ``.yaml``, ``.json``; ``_base_`` works), or the name of a config that ships with
            mmsegmentation, e.g. ``deeplabv3plus_r50-d8_4xb2-40k_cityscapes-512x1024``. Synchronised batch norm becomes
            ordinary batch norm (same weights), and pretrained backbones are not fetched.

    Returns:
        ``network``, untrained: normalised pictures (B,3,H,W) → logits (B,its out_channels,h,w); ``mean`` and ``std`` of
        its input channels, for pictures in [0,1]; ``channels``, their order, ``rgb`` or ``bgr``.

    Raises:
        ConfigError: there is no such config, it holds no ``model``, or mmsegmentation cannot build it, or what it
            builds gives no logits.
        PluginError: mmsegmentation cannot be imported.
    """
    path = _find(config)
    from mmengine.config import Config

    try:
        content = Config.fromfile(path)
        model = content.get("model")
    except Exception as error:  # a config is code, and can fail like any
        raise ConfigError(f"{path}: cannot be read as a config ({_reason(error)})") from error
    if not isinstance(model, Mapping) or "type" not in model:
        raise ConfigError(f"{path}: has no model=dict(type=…), which a config of mmsegmentation has")
    cfg = _plain({key: value for key, value in model.items() if key not in _LEFT_OUT})
    seen = cfg.pop("data_preprocessor", None) or {}
    cfg["data_preprocessor"] = {"type": "SegDataPreProcessor"}
    try:
        network = build_model(cfg)
        with torch.no_grad():
            logits = network.eval()(torch.zeros(1, 3, 64, 64))
    except LowfaceError:
        raise
    except Exception as error:  # whatever the model's own code raises
        raise ConfigError(f"{path}: mmsegmentation cannot build its model ({_reason(error)})") from error
    if not isinstance(logits, Tensor) or logits.ndim != 4:
        raise ConfigError(f"{path}: its model {model['type']} gives no logits per pixel; use an encoder-decoder")
    network.train()
    return {
        "network": network,
        "mean": tuple(value / 255 for value in seen["mean"]) if seen.get("mean") else IMAGENET_MEAN,
        "std": tuple(value / 255 for value in seen["std"]) if seen.get("std") else IMAGENET_STD,
        # mmsegmentation reads files as BGR, so a network that wants no conversion knows BGR
        "channels": "rgb" if seen.get("bgr_to_rgb", True) else "bgr",
    }


def _find(config: str | Path) -> Path:
    path = Path(config).expanduser()
    if path.is_file():
        return path
    root = Path(str(import_mmseg().__file__)).parent / ".mim" / "configs"
    shipped = {p.stem: p for p in sorted(root.rglob("*.py")) if "_base_" not in p.parts}
    name = path.name.removesuffix(".py")
    if name in shipped:
        return shipped[name]
    hint = nearest(name, shipped)
    raise ConfigError(f"config: no file {str(config)!r}, and mmsegmentation ships no config of that name{hint}")


def _plain(value: Any) -> Any:
    """Nested plain dicts and lists; no weights to fetch, no batch norm that needs several processes."""
    if isinstance(value, Mapping):
        kept = {key: _plain(inner) for key, inner in value.items() if key not in ("pretrained", "init_cfg")}
        if kept.get("type") in ("SyncBN", "MMSyncBN", "NaiveSyncBN"):
            kept["type"] = "BN"
        return kept
    return type(value)(_plain(inner) for inner in value) if type(value) in (list, tuple) else value


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
