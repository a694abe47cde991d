"""Weights out of an ONNX file: each layer's arrays, dequantised, by kind of layer and place in the graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lowface_core.errors import WeightsError

#: Layers that hold weights: the names of their inputs after the first, as torch calls them.
LAYERS = {
    "Conv": ("weight", "bias"),
    "Gemm": ("weight", "bias"),
    "BatchNormalization": ("weight", "bias", "running_mean", "running_var"),
    "PRelu": ("weight",),
}
CLASSES: dict[str, tuple[type[nn.Module], ...]] = {
    "Conv": (nn.Conv2d,),
    "Gemm": (nn.Linear,),
    "BatchNormalization": (nn.BatchNorm1d, nn.BatchNorm2d),
    "PRelu": (nn.PReLU,),
}


def read_onnx(path: str | Path) -> dict[str, Tensor]:
    """The weights of an ONNX graph, as ``Conv_0.weight``, ``Conv_0.bias``, ``BatchNormalization_0.running_mean``, …

    Layers are counted kind by kind in the order of the graph, which is the order of computation; names inside the file
    are those of whichever tool wrote it. Weights that are quantised, whole or in blocks, are made float32 again.
    Nothing of the graph is executed.

    Raises:
        WeightsError: the package ``onnx`` is not installed, or the file is no ONNX file.
    """
    try:
        import onnx
    except ImportError as error:
        raise WeightsError(f'{path}: is read with the package onnx; pip install "lowface[onnx]"') from error
    graph = onnx.load(str(path), load_external_data=False).graph
    known = {held.name: onnx.numpy_helper.to_array(held) for held in graph.initializer}
    state: dict[str, Tensor] = {}
    count: Counter[str] = Counter()
    for node in graph.node:
        settings = {held.name: onnx.helper.get_attribute_value(held) for held in node.attribute}
        if node.op_type == "DequantizeLinear" and node.input[0] in known:
            levels, scale, *zero = (known[name] for name in node.input)
            known[node.output[0]] = dequantised(levels, scale, zero[0] if zero else None, **settings)
        elif node.op_type == "Reshape" and {*node.input} <= known.keys():
            known[node.output[0]] = known[node.input[0]].reshape(known[node.input[1]])
        elif node.op_type in LAYERS:
            name = f"{node.op_type}_{count[node.op_type]}"
            count[node.op_type] += 1
            for part, held in zip(LAYERS[node.op_type], node.input[1:], strict=False):
                if held in known:
                    state[f"{name}.{part}"] = torch.from_numpy(known[held].astype(np.float32))
    return state


def dequantised(
    levels: np.ndarray, scale: np.ndarray, zero: np.ndarray | None = None, axis: int = 1, block_size: int = 0, **_: Any
) -> np.ndarray:
    """ONNX' DequantizeLinear, float32: one scale for all, for each place on ``axis``, or for each block there."""
    zero = np.zeros_like(scale) if zero is None else zero
    if block_size and scale.size > 1:
        length = levels.shape[axis]
        scale, zero = (part.repeat(block_size, axis).take(range(length), axis) for part in (scale, zero))
    elif scale.ndim == 1 and levels.ndim > 1:
        shape = [1] * levels.ndim
        shape[axis] = -1
        scale, zero = scale.reshape(shape), zero.reshape(shape)
    return (levels.astype(np.float32) - zero.astype(np.float32)) * scale.astype(np.float32)


def in_order(network: nn.Module, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights of :func:`read_onnx` under the keys of a network that registers its layers in the graph's order.

    For a network's ``adapt_state``; a state dict in the network's own layout passes unchanged. What finds no layer
    keeps its key, so that loading names it.
    """
    if "Conv_0.weight" not in state:
        return dict(state)
    left, found = dict(state), {}
    count: Counter[str] = Counter()
    for layer, module in network.named_modules():
        kind = next((kind for kind, classes in CLASSES.items() if isinstance(module, classes)), "")
        for part in LAYERS.get(kind, ()):
            value, key = left.pop(f"{kind}_{count[kind]}.{part}", None), f"{layer}.{part}"
            if value is not None:
                # PReLU's slopes are (C,1,1) there and (C,) here
                found[key] = value.flatten() if kind == "PRelu" else value
        count[kind] += 1
    return {**found, **left}
