"""Calling an enhancer, whatever form its answer has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from lowface_core.errors import LowfaceError


def run_enhancer(enhancer: nn.Module, low: Tensor, context: Any = None) -> dict[str, Any]:
    """The enhancer's outputs by name, whether it returns a dict or the enhanced picture alone.

    Args:
        context: handed on unless None, see :class:`lowface_core.step.loaded_enhancer.LoadedEnhancer`.

    Raises:
        LowfaceError: there is no ``enhanced`` among them.
    """
    out = enhancer(low) if context is None else enhancer(low, context=context)
    if isinstance(out, Tensor):
        return {"enhanced": out}
    if not isinstance(out, Mapping) or "enhanced" not in out:
        raise LowfaceError(f"enhancer: forward must return a picture or a dict with 'enhanced', not {kind_of(out)}")
    return dict(out)


def kind_of(value: Any) -> str:
    return f"a tensor of shape {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__
