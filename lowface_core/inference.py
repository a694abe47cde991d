"""Using a trained enhancer: load it from a checkpoint, run it on one picture of any size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lowface_core.config.build import build_from
from lowface_core.config.resources import weights_used
from lowface_core.data.images import read_image
from lowface_core.device import pick
from lowface_core.errors import DataError, LowfaceError, WeightsError, nearest
from lowface_core.registry import components
from lowface_core.registry.loader import plugins
from lowface_core.runs import checkpoint
from lowface_core.step.run_enhancer import run_enhancer
from lowface_core.weights import store
from lowface_core.weights.record import Record, find, records
from lowface_core.weights.state_dict import fit, prepare_state, read_file

#: Pictures with more pixels are worked on in tiles, if the enhancer says how far its output looks.
TILE = 1024


def outputs_of(enhancer: nn.Module, low: Tensor) -> dict[str, Any]:
    """The outputs of an enhancer that is used, not trained: here they leave the network, whichever command asks.

    Returns:
        outputs by name, ``enhanced`` (B,3,H,W) in [0,1] among them.
    """
    outputs = run_enhancer(enhancer, low)
    return {**outputs, "enhanced": outputs["enhanced"].clamp(0, 1)}


class LoadedEnhancer(nn.Module):
    """A trained enhancer as a plain picture-to-picture network: RGB (B,3,H,W) in [0,1] → the same.

    Large pictures are cut into tiles that overlap by the enhancer's ``receptive_radius`` (how far its output looks),
    which gives exactly the untiled result; an enhancer that does not state one sees every picture whole.
    """

    def __init__(self, enhancer: nn.Module, tile: int = TILE) -> None:
        super().__init__()
        self.enhancer, self.tile = enhancer, tile

    def forward(self, low: Tensor) -> Tensor:
        radius = getattr(self.enhancer, "receptive_radius", None)
        height, width = low.shape[-2:]
        if radius is None or (height <= self.tile and width <= self.tile):
            whole: Tensor = outputs_of(self.enhancer, low)["enhanced"]
            return whole
        out = torch.empty_like(low)
        for top in range(0, height, self.tile):
            for left in range(0, width, self.tile):
                y, x = max(top - radius, 0), max(left - radius, 0)
                bottom, right = min(top + self.tile, height), min(left + self.tile, width)
                piece = outputs_of(self.enhancer, low[..., y : bottom + radius, x : right + radius])["enhanced"]
                out[..., top:bottom, left:right] = piece[..., top - y : bottom - y, left - x : right - x]
        return out


@dataclass(frozen=True)
class ResolvedEnhancer:
    """What an argument such as ``--checkpoint`` or ``--enhancer`` means.

    Attributes:
        network: in eval mode, without gradients, on its device.
        title: name of the method: of a work dir, of the folder of its checkpoint, of a file, or the name given.
        identity: plain data that differ wherever the network does: ``config``, and ``sha256`` or
            ``name`` and ``weights``.
    """

    network: LoadedEnhancer
    title: str
    identity: dict[str, Any]


def resolve_enhancer(
    checkpoint_or_name: str | Path | None,
    config: Mapping[str, Any] | None = None,
    device: str = "cpu",
    fallback: Mapping[str, Any] | None = None,
) -> ResolvedEnhancer:
    """Finds and builds the enhancer that an argument means.

    Args:
        checkpoint_or_name: see :func:`load_enhancer`; None: what ``config`` alone describes, which has no parameters or
            brings its ``weights``.
        config: see :func:`load_enhancer`; goes before what a checkpoint says of itself.
        device: see :func:`lowface_core.device.pick`.
        fallback: config of the network where neither ``config`` nor the checkpoint says which one it is.

    Raises:
        LowfaceError: no such checkpoint, or it does not fit.
    """
    place, config = pick(device), dict(config or {})
    name = str(config["type"] if checkpoint_or_name is None else checkpoint_or_name)

    def resolved(network: nn.Module, title: str, **identity: Any) -> ResolvedEnhancer:
        loaded = LoadedEnhancer(network).eval().requires_grad_(False).to(place)
        return ResolvedEnhancer(loaded, title, {**identity, "config": config or None})

    path = Path(name).expanduser()
    title, exists = path.stem, checkpoint_or_name is not None and path.exists()
    if exists and path.is_dir():
        path = checkpoint.in_work_dir(path, (checkpoint.BEST, checkpoint.LAST))
    if not exists and any(c.answers_to(name) for c in plugins().components("enhancer")):
        config = {**config, "type": name}
        network: nn.Module = build_from("enhancer", config, "enhancer")
        if "weights" not in config and any(True for _ in network.parameters()):
            raise WeightsError(f"enhancer: {name!r} is an untrained network; give a work dir or a checkpoint")
        return resolved(network, name, name=name, weights=weights_used({"enhancer": config}))
    if not exists and (record := _named(name)):
        path, title = Path(store.resolve(record.component, record.key)), name
        config = {**record.entry.arguments, **config, "type": record.component.full_name}
        if "weights" in components.parameters(record.component.resolve()):
            network = build_from("enhancer", {**config, "weights": record.key}, "enhancer")
            return resolved(network, title, sha256=store.sha256_of(path))
    elif path.name in (checkpoint.BEST, checkpoint.LAST):
        title = path.resolve().parent.name
    if not path.is_file():
        names = [r.name for r in records() if r.component.kind == "enhancer"]
        raise WeightsError(f"{name}: no such checkpoint or work dir{nearest(name, names)}")
    content = read_file(path)
    if "type" not in config:
        own = content.get("enhancer_config") if isinstance(content, Mapping) else None
        config = {**(own or fallback or {}), **config}
    if "type" not in config:
        raise LowfaceError(f"{path}: does not say which enhancer it belongs to; add --enhancer NAME, e.g. retinex")
    network = build_from("enhancer", config, "enhancer")
    fit(network, prepare_state(content, path), path, f"enhancer {config['type']!r}")
    return resolved(network, title, sha256=store.sha256_of(path))


def load_enhancer(
    checkpoint_or_name: str | Path, enhancer: Mapping[str, Any] | None = None, device: str = "cpu"
) -> nn.Module:
    """A trained enhancer, in eval mode, without gradients.

    Args:
        checkpoint_or_name: a work dir (its best checkpoint, else its last), a checkpoint of a run, a bare state dict
            file together with ``enhancer``, the name of a registered enhancer without parameters, or the name of an
            enhancer's registered weights (``retinex/released``; `lowface weights list`).
        enhancer: config of the network a bare state dict belongs to, e.g. ``dict(type="retinex")``; without ``type``,
            keywords of the enhancer that the first argument means, e.g. ``dict(gamma=0.6)``.
        device: see :func:`lowface_core.device.pick`.

    Returns:
        nn.Module: RGB (B,3,H,W) in [0,1] → same shape and range.

    Raises:
        LowfaceError: no such checkpoint, or it does not fit.
    """
    return resolve_enhancer(checkpoint_or_name, enhancer, device).network


def _named(name: str) -> Record | None:
    """The record of an enhancer's weights by that name, if there is one."""
    try:
        record = find(name)
    except WeightsError:
        return None
    return record if record.component.kind == "enhancer" else None


@torch.no_grad()
def enhance(image: Any, enhancer: nn.Module) -> np.ndarray:
    """Enhances one picture.

    Args:
        image: path, or array (H,W,3) RGB: uint8, or float in [0,1]; any size from 1x1.
        enhancer: from :func:`load_enhancer`.

    Returns:
        array (H,W,3), uint8 for a path or a uint8 array, float32 in [0,1] otherwise.

    Raises:
        DataError: the picture cannot be read or has another shape.
    """
    from_file = isinstance(image, (str, Path))
    if from_file:
        planes = read_image(image)
        as_bytes = True
    else:
        array = np.asarray(image)
        if array.ndim != 3 or array.shape[2] != 3 or 0 in array.shape:
            raise DataError(f"a picture is an array (H,W,3), not {array.shape}")
        as_bytes = array.dtype == np.uint8
        planes = array.transpose(2, 0, 1).astype(np.float32) / (255 if as_bytes else 1)
    device = next(enhancer.parameters(), torch.empty(0)).device
    out = enhancer(torch.from_numpy(np.ascontiguousarray(planes)).float()[None].to(device))[0].float().cpu().numpy()
    out = np.ascontiguousarray(out.transpose(1, 2, 0))
    return (out * 255).round().astype(np.uint8) if as_bytes else out
