"""Reading checkpoints: tensors only, wrappers peeled off, subnormal values flushed, misfits explained."""

from __future__ import annotations

import logging
import pickle
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lowface_core.errors import WeightsError
from lowface_core.weights.distrust import check_sums, check_tensors, check_unpacked, conversion, foreign_objects

logger = logging.getLogger("lowface")

#: Keys under which public checkpoints keep their state dict, tried in this order.
WRAPPERS = (
    *("state_dict", "model_state", "net_state_dict", "model_state_dict", "params_ema", "params"),
    *("model", "network", "net", "enhancer"),
)
#: Put before every key by ``nn.DataParallel``, by a wrapping module, and by ``torch.compile``.
PREFIXES = ("module.", "net.", "_orig_mod.")


def read_file(path: str | Path) -> Any:
    """The content of a checkpoint file: ``.safetensors``, ``.npz``, ``.onnx``, or what ``torch.load`` takes as weights.

    Raises:
        WeightsError: the file is missing, empty, cut short, or holds pickled objects other than tensors and plain data.
    """
    path = Path(path)
    if not path.is_file():
        raise WeightsError(f"{path}: no such weights file")
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        if path.suffix == ".npz":
            check_unpacked(path)
            with np.load(path, allow_pickle=False) as held:
                return {key: torch.from_numpy(held[key]) for key in held.files if held[key].dtype.kind in "fiub"}
        if path.suffix == ".onnx":
            from lowface_core.weights.onnx_file import read_onnx

            return read_onnx(path)
        if zipfile.is_zipfile(path):
            check_unpacked(path)
            check_sums(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except WeightsError:
        raise
    except Exception as error:  # zip, pickle and safetensors each raise types of their own
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if foreign := foreign_objects(path, error):
            raise WeightsError(f"{path}: {conversion(path, foreign)}") from error
        if isinstance(error, pickle.UnpicklingError):
            reason = "holds objects other than tensors and plain data, or is not a checkpoint"
        raise WeightsError(f"{path}: cannot be read as weights ({reason}); fetch or copy it again") from error


def state_dict_of(content: Any, source: str | Path) -> dict[str, Tensor]:
    """The state dict inside a checkpoint's content, without wrapper keys and ``module.``/``net.`` prefixes.

    Wrappers may lie within each other. A wrapper of another name is opened where it alone holds tensors.

    Raises:
        WeightsError: there is no state dict, or there are several and none has a usual name.
    """
    while isinstance(content, Mapping):
        inside = next((content[key] for key in WRAPPERS if isinstance(content.get(key), Mapping)), None)
        if inside is None and not _holds_tensors(content):
            holding = [key for key, value in content.items() if _holds_tensors(value)]
            if len(holding) > 1:
                names = ", ".join(map(str, holding))
                raise WeightsError(
                    f"{source}: holds {len(holding)} state dicts ({names}); save one of them to its own file"
                )
            inside = content[holding[0]] if holding else None
        if inside is None:
            break
        content = inside
    if not isinstance(content, Mapping):
        raise WeightsError(f"{source}: holds no state dict but {type(content).__name__}")
    state = {str(k): v for k, v in content.items() if isinstance(v, Tensor)}
    if not state:
        raise WeightsError(f"{source}: holds no tensors; its keys are {list(content)[:5]}")
    check_tensors(state, source)
    prefix = common_prefix(state)
    return {key[len(prefix) :]: value for key, value in state.items()}


def _holds_tensors(value: Any) -> bool:
    return isinstance(value, Mapping) and any(isinstance(inner, Tensor) for inner in value.values())


def common_prefix(keys: Iterable[str]) -> str:
    """The part that every key begins with, as far as it is made of :data:`PREFIXES`: ``"module.net."``, ``""``."""
    keys, found = list(keys), ""
    while keys:
        more = next((p for p in PREFIXES if all(key.startswith(found + p) for key in keys)), None)
        if more is None:
            break
        found += more
    return found


def prepare_state(content: Any, source: str | Path) -> dict[str, Tensor]:
    """The state dict inside a checkpoint's content, ready to load: subnormal values are set to zero.

    They slow CPU convolutions many times over and carry nothing; a log line tells how many there were. Networks compute
    in float32, so that is where a value counts as subnormal, whatever the file's precision: most of float16's own
    subnormals are ordinary numbers there.

    Raises:
        WeightsError: see :func:`state_dict_of`.
    """
    state, flushed = state_dict_of(content, source), 0
    for key, value in state.items():
        if value.is_floating_point():
            tiny = (value != 0) & (value.float().abs() < torch.finfo(torch.float32).tiny)
            if count := int(tiny.sum()):
                state[key] = value.masked_fill(tiny, 0)
                flushed += count
    if flushed:
        total = sum(value.numel() for value in state.values())
        logger.info("%s: %d of %d weights were subnormal and set to zero", source, flushed, total)
    return state


def read_state(path: str | Path) -> dict[str, Tensor]:
    """State dict of a checkpoint file, ready to load.

    Args:
        path: ``.safetensors``, ``.npz``, ``.pth``, ``.pt``, ``.tar``, ``.ckpt``: any file of tensors and plain data.

    Raises:
        WeightsError: see :func:`read_file` and :func:`state_dict_of`.
    """
    return prepare_state(read_file(path), path)


def load_weights(module: nn.Module, path: str | Path, rename: Callable[[str], str | None] | None = None) -> None:
    """Loads a checkpoint file strictly into ``module``.

    Args:
        rename: maps each key of the file to the module's key, or to None to leave it out (a classifier's last layer).

    Raises:
        WeightsError: keys or shapes differ; see :func:`fit`.
    """
    fit(module, read_state(path), path, rename=rename)


def fit(
    module: nn.Module,
    state: Mapping[str, Tensor],
    source: str | Path,
    owner: str | None = None,
    rename: Callable[[str], str | None] | None = None,
) -> None:
    """Loads a state dict strictly into ``module``; whether keys begin with ``module.`` or ``net.`` makes no difference.

    A module that has a method ``adapt_state(state)`` is given the state dict first and returns it in its own layout:
    for published files that hold more than the module, or arrays in another order.

    Args:
        source: where the state dict is from; opens the message.
        owner: what the message calls the module; its class by default.
        rename: see :func:`load_weights`.

    Raises:
        WeightsError: keys or shapes differ; the message lists the first five that do and the registered architecture
            that the state dict resembles. Nothing was loaded.
    """
    original = state
    if adapt := getattr(module, "adapt_state", None):
        state = adapt(state)
    if rename is not None:
        renamed = {rename(key): value for key, value in state.items()}
        state = {key: value for key, value in renamed.items() if key is not None}
    want = module.state_dict()
    prefix = common_prefix(want)
    if prefix and not common_prefix(state):
        state = {prefix + key: value for key, value in state.items()}
    faults = [f"{key} missing" for key in want if key not in state and not key.endswith("num_batches_tracked")]
    faults += [f"{key} unexpected" for key in state if key not in want]
    faults += [
        f"{key} is {tuple(state[key].shape)}, not {tuple(want[key].shape)}"
        for key in want
        if key in state and state[key].shape != want[key].shape
    ]
    faults += [
        f"{key} is of type {str(state[key].dtype).removeprefix('torch.')}"
        for key in want
        if key in state and want[key].is_floating_point() and not state[key].is_floating_point()
    ]
    if faults:
        from lowface_core.weights.architectures import nearest_architecture

        more = f" and {len(faults) - 5} more" if len(faults) > 5 else ""
        raise WeightsError(
            f"{source}: does not fit {owner or type(module).__name__}: {'; '.join(faults[:5])}{more}"
            f"{nearest_architecture(original)}"
        )
    module.load_state_dict(dict(state), strict=False)  # strictness is checked above, with a readable message
