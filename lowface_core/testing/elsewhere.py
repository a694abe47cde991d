"""A second device where there is none: tensors that say they are on ``meta`` and compute, in memory, like any other.

A component that makes a tensor without saying where, or keeps one that ``.to(device)`` does not move, works on a
processor and fails on a GPU. Here it fails as well: where tensors of two devices meet,
:class:`ElsewhereError` is raised.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Mapping
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only

META = torch.device("meta")
aten = torch.ops.aten
#: Operations that copy between devices, or take indices from the processor, as they may on a GPU.
CROSSING = {aten.copy_, aten._to_copy, aten.index, aten.index_put, aten.index_put_, aten._index_put_impl_}


class ElsewhereError(RuntimeError):
    """Tensors of two devices met in one operation."""


class Elsewhere(Tensor):
    """A tensor on the pretended device; ``held`` is where its numbers are."""

    held: Tensor

    @staticmethod
    def __new__(cls, held: Tensor) -> Elsewhere:
        made = Tensor._make_wrapper_subclass(
            cls, held.shape, strides=held.stride(), dtype=held.dtype, device=META, storage_offset=held.storage_offset()
        )
        made.held = held
        return made

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # type: ignore[override]
        return _compute(func, args, kwargs or {})

    def tolist(self) -> Any:
        """The numbers, as Python's own: this may cross devices."""
        return self.held.tolist()

    def numpy(self, **kwargs: Any) -> Any:
        """An error, as on a GPU."""
        raise ElsewhereError("numpy() met a tensor on the device in use")

    def __repr__(self, **kwargs: Any) -> str:  # type: ignore[override]
        return f"Elsewhere({self.held!r})"


def _compute(func: Any, args: Any, kwargs: Mapping[str, Any]) -> Any:
    """One operation: on the held tensors, its results where its operands were or where ``device`` puts them."""
    operands = [x for x in tree_leaves((args, kwargs)) if isinstance(x, Tensor)]
    away = any(isinstance(x, Elsewhere) for x in operands)
    if away and func.overloadpacket not in CROSSING:
        for x in operands:
            if not isinstance(x, Elsewhere) and x.ndim:
                raise ElsewhereError(
                    f"{func.overloadpacket.__name__} met a tensor of shape {tuple(x.shape)} on {x.device} "
                    "beside one on the device in use"
                )
    target = kwargs.get("device")
    lands = away if target is None else torch.device(target).type == "meta"
    inner = {k: v for k, v in kwargs.items() if k != "device"}
    if "device" in kwargs:
        inner["device"] = torch.device("cpu") if lands else target
    out = func(*_held(args), **_held(inner))
    if func._schema.is_mutable:  # an operation in place answers with what it was given, not with something new
        aliases = [s.alias_info for s in func._schema.arguments]
        written = next((a for a, s in zip(args, aliases, strict=False) if s is not None and s.is_write), None)
        written = kwargs.get("out", written)
        if isinstance(out, Tensor) and written is not None:
            return written
    return tree_map_only(Tensor, Elsewhere, out) if lands else out


def _held(values: Any) -> Any:
    return tree_map_only(Elsewhere, lambda x: x.held, values)


class _Factories(TorchDispatchMode):
    """Catches operations without operands: ``torch.zeros(3, device=x.device)``."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _compute(func, args, kwargs or {})


class _FromData(TorchFunctionMode):
    """Catches tensors made of Python data, which torch would put on ``meta`` without their numbers."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func is Tensor.new_tensor and "device" not in kwargs:
            kwargs["device"] = args[0].device
        target = kwargs.get("device")
        if func not in (torch.tensor, torch.as_tensor, Tensor.new_tensor) or torch.device(target or "cpu") != META:
            return func(*args, **kwargs)
        if func is Tensor.new_tensor:
            args, kwargs = args[1:], {"dtype": args[0].dtype, **kwargs}
        elif isinstance(args[0], Elsewhere):
            return func(*args, **kwargs)
        return sent(torch.tensor(*args, **{**kwargs, "device": "cpu"}))


@contextlib.contextmanager
def pretended() -> Iterator[None]:
    """Within it, ``meta`` is a device that computes. Autocast, which does not know it, takes it for the processor."""
    real = torch.amp.autocast_mode.autocast.__init__

    @functools.wraps(real)
    def init(self: Any, device_type: str, *args: Any, **kwargs: Any) -> None:
        real(self, "cpu" if device_type == "meta" else device_type, *args, **kwargs)

    with mock.patch.object(torch.amp.autocast_mode.autocast, "__init__", init), _FromData(), _Factories():
        yield


def sent(value: Any) -> Any:
    """Tensors and modules on the pretended device; modules move in place, as by ``module.to(device)``."""
    if isinstance(value, nn.Module):
        return value._apply(Elsewhere)

    def moved(x: Tensor) -> Tensor:
        return x if isinstance(x, Elsewhere) else Elsewhere(x.detach()).requires_grad_(x.requires_grad)

    return tree_map_only(Tensor, moved, value)
