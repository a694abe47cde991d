"""Finding a trained enhancer, by a checkpoint, a name or none, and running it on one picture of any size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from lowface_core.config.build import build_from, weights_used
from lowface_core.data.depth import FULL, to_bytes, to_depth, to_float
from lowface_core.data.images import read_image
from lowface_core.device import pick
from lowface_core.errors import DataError, LowfaceError, WeightsError, listing, nearest
from lowface_core.registry import components
from lowface_core.registry.loader import plugins
from lowface_core.runs import checkpoint
from lowface_core.step.loaded_enhancer import LoadedEnhancer, outputs_of, place_of
from lowface_core.weights import hub, store
from lowface_core.weights.record import known, records, sha256_of, unique_name
from lowface_core.weights.state_dict import fit, prepare_state, read_file


@dataclass(frozen=True)
class ResolvedEnhancer:
    """What an argument such as ``--checkpoint`` or ``--enhancer`` means.

    Attributes:
        network: in eval mode, without gradients, on its device.
        title: name of the method: of a work dir, of the folder of its checkpoint, of a file, or the name given.
        identity: plain data that differ wherever the network does: ``config``, and ``sha256`` or
            ``name`` and ``weights``.
        heads: state dicts of the heads that learned with it, by config key.
    """

    network: LoadedEnhancer
    title: str
    identity: dict[str, Any]
    heads: Mapping[str, Any] = field(default_factory=dict)


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
        loaded = LoadedEnhancer(network, name=str(path if exists else name)).eval().requires_grad_(False).to(place)
        return ResolvedEnhancer(loaded, title, {**identity, "config": config or None})

    path = hub.fetch(name) if hub.is_address(name) else Path(name).expanduser()
    title, exists = path.stem, checkpoint_or_name is not None and path.exists()
    if exists and path.is_dir():
        path = checkpoint.in_work_dir(path, (checkpoint.BEST, checkpoint.LAST))
    if not exists and any(c.answers_to(name) for c in plugins().components("enhancer")):
        config = {**config, "type": name}
        network: nn.Module = build_from("enhancer", config, "enhancer")
        if "weights" not in config and any(True for _ in network.parameters()):
            raise WeightsError(f"enhancer: {name!r} is an untrained network; give a work dir or a checkpoint")
        return resolved(network, name, name=name, weights=weights_used({"enhancer": config}))
    record = None if exists else known(name)
    if record is not None and record.component.kind == "enhancer":
        path, title = Path(store.resolve(record.component, record.key)), name
        config = {**record.entry.arguments, **config, "type": record.component.full_name}
        if "weights" in components.parameters(record.component.resolve()):
            network = build_from("enhancer", {**config, "weights": record.key}, "enhancer")
            return resolved(network, title, sha256=sha256_of(path))
    elif path.name in (checkpoint.BEST, checkpoint.LAST):
        title = path.resolve().parent.name
    if not path.is_file():
        names = [r.name for r in records() if r.component.kind == "enhancer"]
        raise WeightsError(f"{name}: no such checkpoint or work dir{nearest(name, names)}")
    reader = next((c for c in plugins().components("enhancer") if path.suffix.lower() in c.opens), None)
    if reader is not None and reader.answers_to(config.get("type", reader.name)):
        config = {**config, "type": reader.full_name}
        network = build_from("enhancer", {**config, "weights": str(path)}, "enhancer")
        return resolved(network, title, sha256=getattr(network, "sha256", None) or sha256_of(path))
    content, heads = read_file(path), {}
    if isinstance(content, Mapping) and {"format", "lowface"} & set(content):
        checkpoint.check(content, path)
        heads = content.get("heads", {})
    state = prepare_state(content, path)
    own = None
    if "type" not in config:
        own = content.get("enhancer_config") if isinstance(content, Mapping) else None
        if own is not None and not isinstance(own, Mapping):
            raise WeightsError(f"{path}: enhancer_config must be a dict, not {checkpoint.kind_of(own)}")
        own = _without_start(own or {})
        config = {**(own or fallback or {}), **config}
    if "type" not in config:
        raise LowfaceError(f"{path}: does not say which enhancer it belongs to; add --enhancer NAME, e.g. retinex")
    if own:
        _check_size(config, state, path)
    network = build_from("enhancer", config, "enhancer")
    fit(network, state, path, f"enhancer {config['type']!r}")
    return replace(resolved(network, title, sha256=sha256_of(path)), heads=heads)


def _without_start(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """A trained network's config without the weights that its training began with, which need be nowhere any more."""
    name = str(config.get("type"))
    component = next((c for c in plugins().components("enhancer") if c.answers_to(name)), None)
    start = components.parameters(component.resolve()).get("weights") if component and "weights" in config else None
    optional = start is not None and start.default is None  # of others the file says what the network is
    return {key: value for key, value in config.items() if key != "weights"} if optional else config


def _check_size(config: Mapping[str, Any], state: Mapping[str, Tensor], path: Path) -> None:
    """A network as a checkpoint describes it may not be larger than what the checkpoint holds of it.

    It is built without memory for that; a factory that cannot do so is believed.

    Raises:
        WeightsError: it is.
    """
    held = sum(value.numel() for value in state.values())
    try:
        with torch.device("meta"), _Undrawn():
            size = sum(value.numel() for value in build_from("enhancer", config, "enhancer").state_dict().values())
    except LowfaceError as error:
        if "overflow" not in str(error):
            return
        size = 2**63
    if size > max(4 * held, 2**26):  # of a smaller one it is more use to know which keys do not fit
        raise WeightsError(f"{path}: is damaged (enhancer_config describes {size} weights, and it holds {held})")


class _Undrawn(TorchFunctionMode):
    """Leaves tensors without memory undrawn, since drawing those makes torch import its compiler, for a second."""

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__name__", "") == "normal_":  # nn.init hands on its tensor by name, the method as itself
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)


def default_enhancer() -> str:
    """Name of the weights that are used where none is named: those whose record says ``default``.

    Raises:
        WeightsError: no plugin ships any, or several do.
    """
    names = [unique_name(r) for r in records() if r.component.kind == "enhancer" and r.entry.default]
    if len(names) != 1:
        found = f"several plugins ship some ({listing(names)})" if names else "no plugin that loaded ships any"
        raise WeightsError(f"no checkpoint is named, and of weights to use then {found}; name a checkpoint")
    return names[0]


def load_enhancer(
    checkpoint_or_name: str | Path | None = None, enhancer: Mapping[str, Any] | None = None, device: str = "cpu"
) -> nn.Module:
    """A trained enhancer, in eval mode, without gradients.

    Args:
        checkpoint_or_name: a work dir (its best checkpoint, else its last), a checkpoint of a run, a bare state dict
            file together with ``enhancer``, a file that a plugin opens (``model.onnx``), the name of a registered
            enhancer without parameters, or the name of an enhancer's registered weights (``retinex/released``;
            `lowface weights list`). None: the weights that ship.
        enhancer: config of the network a bare state dict belongs to, e.g. ``dict(type="retinex")``; without ``type``,
            keywords of the enhancer that the first argument means, e.g. ``dict(gamma=0.6)``.
        device: see :func:`lowface_core.device.pick`.

    Returns:
        nn.Module: RGB (B,3,H,W) in [0,1] → same shape and range.

    Raises:
        LowfaceError: no such checkpoint, or it does not fit.
    """
    if checkpoint_or_name is None:
        checkpoint_or_name = default_enhancer()
    return resolve_enhancer(checkpoint_or_name, enhancer, device).network


@torch.no_grad()
def enhance(image: Any, enhancer: nn.Module) -> np.ndarray:
    """Enhances one picture.

    Args:
        image: path, or array (H,W,3) RGB: uint8, uint16, or float in [0,1]; any size from 1x1.
        enhancer: from :func:`load_enhancer`.

    Returns:
        array (H,W,3), uint8 for a path, else of the type given (float32 for any float).

    Raises:
        DataError: the picture cannot be read, or is an array of another shape, type or range.
        NonFiniteError: the enhancer answers with pixels that are infinite or not a number.
    """
    if isinstance(image, (str, Path)):
        return to_bytes(enhance_pixels(read_image(image), enhancer, str(image))).transpose(1, 2, 0)
    array = np.asarray(image)
    if array.ndim != 3 or array.shape[2] != 3 or 0 in array.shape:
        raise DataError(f"a picture is an array (H,W,3), not {array.shape}")
    return np.ascontiguousarray(enhance_pixels(array.transpose(2, 0, 1), enhancer).transpose(1, 2, 0))


@torch.no_grad()
def enhance_pixels(pixels: np.ndarray, enhancer: nn.Module, name: str | None = None) -> np.ndarray:
    """Enhances a picture at its own depth.

    Args:
        pixels: (3,H,W), RGB: uint8, uint16, or floats in [0,1]; the result is the same, floats as float32.
        enhancer: from :func:`load_enhancer`.
        name: of the picture, for messages.

    Raises:
        DataError: it cannot be told what the pixels' values mean.
        NonFiniteError: the enhancer answers with pixels that are infinite or not a number.
    """
    if pixels.dtype not in FULL and pixels.dtype.kind != "f":
        raise DataError(f"a picture is an array of uint8, uint16 or float in [0,1], not of {pixels.dtype}; convert it")
    if pixels.dtype.kind == "f":
        least, most = float(pixels.min()), float(pixels.max())
        if not (least >= 0 and most <= 1):  # false for NaN, too
            raise DataError(f"a picture of floats lies in [0,1], this one from {least:g} to {most:g}; scale it first")
    if isinstance(enhancer, LoadedEnhancer) and enhancer.cuts(*pixels.shape[1:]):
        return enhancer.pixels(pixels, [name] if name else [])
    device = place_of(enhancer)
    low = torch.from_numpy(np.ascontiguousarray(to_float(pixels)))[None].to(device)
    out = outputs_of(enhancer, low, [name] if name else [])["enhanced"][0].float().cpu().numpy()
    return to_depth(out, pixels.dtype) if pixels.dtype in FULL else out
