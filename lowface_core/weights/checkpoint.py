"""Reading checkpoints: tensors only, wrappers peeled off, subnormal values flushed, misfits explained."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lowface_core.errors import WeightsError

logger = logging.getLogger("lowface")

#: Keys under which public checkpoints keep their state dict, tried in this order.
WRAPPERS = ("state_dict", "model_state", "net_state_dict", "model_state_dict", "params", "model", "enhancer")
PREFIXES = ("module.", "net.")


def read_file(path: str | Path) -> Any:
    """The content of a checkpoint file: ``.safetensors``, or anything ``torch.load(weights_only=True)`` accepts.

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
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # zip, pickle and safetensors each raise types of their own
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "weights_only" in str(error) or "Unsupported global" in str(error) or "WeightsUnpickler" in str(error):
            reason = "holds objects other than tensors and plain data, or is not a checkpoint"
        raise WeightsError(f"{path}: cannot be read as weights ({reason}); fetch or copy it again") from error


def state_dict_of(content: Any, source: str | Path) -> dict[str, Tensor]:
    """The state dict inside a checkpoint's content, without wrapper keys and ``module.``/``net.`` prefixes."""
    for key in WRAPPERS:
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
            break
    if not isinstance(content, Mapping):
        raise WeightsError(f"{source}: holds no state dict but {type(content).__name__}")
    state = {str(k): v for k, v in content.items() if isinstance(v, Tensor)}
    if not state:
        raise WeightsError(f"{source}: holds no tensors; its keys are {list(content)[:5]}")
    for prefix in PREFIXES:
        if all(key.startswith(prefix) for key in state):
            state = {key[len(prefix) :]: value for key, value in state.items()}
    return state


def flush_subnormals(state: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], int]:
    """Sets subnormal values to zero and counts them; they slow CPU convolutions many times over and carry nothing."""
    out, flushed = {}, 0
    for key, value in state.items():
        if value.is_floating_point():
            tiny = (value != 0) & (value.abs() < torch.finfo(value.dtype).tiny)
            count = int(tiny.sum())
            if count:
                value = value.masked_fill(tiny, 0)
                flushed += count
        out[key] = value
    return out, flushed


def read_state(path: str | Path) -> dict[str, Tensor]:
    """State dict of a checkpoint file, ready to load.

    Args:
        path: ``.safetensors``, ``.pth``, ``.pt``, ``.tar``, ``.ckpt``: any file of tensors and plain data.

    Raises:
        WeightsError: see :func:`read_file`.
    """
    state, flushed = flush_subnormals(state_dict_of(read_file(path), path))
    if flushed:
        logger.info("%s: %d subnormal weights flushed to zero", path, flushed)
    return state


def load_weights(module: nn.Module, path: str | Path, rename: Callable[[str], str | None] | None = None) -> None:
    """Loads a checkpoint file strictly into ``module``.

    Args:
        rename: maps each key of the file to the module's key, or to None to leave it out (a classifier's last layer).

    Raises:
        WeightsError: keys or shapes differ; the message lists the first five that do.
    """
    state = read_state(path)
    if rename is not None:
        renamed = {rename(key): value for key, value in state.items()}
        state = {key: value for key, value in renamed.items() if key is not None}
    want = module.state_dict()
    faults = [f"{key} missing" for key in want if key not in state and not key.endswith("num_batches_tracked")]
    faults += [f"{key} unexpected" for key in state if key not in want]
    faults += [
        f"{key} is {tuple(state[key].shape)}, not {tuple(want[key].shape)}"
        for key in want
        if key in state and state[key].shape != want[key].shape
    ]
    if faults:
        more = f" and {len(faults) - 5} more" if len(faults) > 5 else ""
        raise WeightsError(f"{path}: does not fit {type(module).__name__}: {'; '.join(faults[:5])}{more}")
    module.load_state_dict(state, strict=False)  # strictness is checked above, with a readable message
