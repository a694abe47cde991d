"""Calling an enhancer, whatever form its answer has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from lowface_core.errors import LowfaceError
from lowface_core.step.answer import wrong_size


def run_enhancer(enhancer: nn.Module, low: Tensor, context: Any = None, name: str = "enhancer") -> dict[str, Any]:
    """The enhancer's outputs by name, whether it returns a dict or the enhanced picture alone.

    Args:
        context: handed on unless None, see :class:`lowface_core.step.loaded_enhancer.LoadedEnhancer`.
        name: what the messages call it.

    Raises:
        LowfaceError: there is no ``enhanced`` among them, or it has another size than ``low``.
    """
    out = enhancer(low) if context is None else enhancer(low, context=context)
    outputs = {"enhanced": out} if isinstance(out, Tensor) else out
    if not isinstance(outputs, Mapping) or not isinstance(enhanced := outputs.get("enhanced"), Tensor):
        raise LowfaceError(f"{name}: forward must return a picture or a dict with 'enhanced', not {kind_of(out)}")
    if enhanced.shape != low.shape:
        raise wrong_size(name, enhanced.shape, low.shape)
    return dict(outputs)


def kind_of(value: Any) -> str:
    return f"a tensor of shape {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__
