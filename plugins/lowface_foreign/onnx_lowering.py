"""Operators of newer opsets of ONNX in the words of opset 17, the newest that onnx2torch reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lowface_core.errors import WeightsError

#: Operators that took their axes as an attribute up to opset 17 and as an input since.
REDUCTIONS = (
    *("ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin"),
    *("ReduceProd", "ReduceSumSquare"),
)
#: Attributes that opset 17 does not know: operator → {attribute: the values that mean what it did before}.
NEWER: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    "AveragePool": {"dilations": ([1, 1],)},
    "Cast": {"saturate": (1,), "round_mode": (b"up",)},
    "Resize": {"antialias": (0,), "keep_aspect_ratio_policy": (b"stretch",)},
    "Reshape": {"allowzero": (0, 1)},  # a dimension of 0 is refused below
    "Split": {"num_outputs": tuple(range(1, 1025))},  # without sizes, opset 13 splits evenly as well
}


def lowered(onnx: Any, nodes: Sequence[Any], known: dict[str, np.ndarray], path: str | Path) -> list[Any]:
    """The nodes in words of opset 17.

    Args:
        nodes: of any opset from 7 on, in order.
        known: arrays by name; new constants are added.
        path: the file, for messages.

    Raises:
        WeightsError: a node says what opset 17 cannot say, or stands in a domain of its own.
    """
    made: list[Any] = []
    for node in nodes:
        if node.domain not in ("", "ai.onnx"):
            raise WeightsError(f"{path}: uses {node.domain}.{node.op_type}; export it with standard operators alone")
        settings = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
        if node.op_type == "Gelu":
            made += _gelu(onnx, node, settings, known)
            continue
        if node.op_type in REDUCTIONS and len(node.input) > 1:
            settings.pop("noop_with_empty_axes", None)
            if node.input[1]:
                if node.input[1] not in known:
                    raise WeightsError(f"{path}: {node.op_type} computes its axes; export it with axes that are given")
                settings["axes"] = known[node.input[1]].tolist()
            node = onnx.helper.make_node(node.op_type, node.input[:1], node.output, **settings)
        elif node.op_type in NEWER:
            node = _older(onnx, node, settings, known, path)
        elif node.op_type == "Pad" and len(node.input) > 3:
            raise WeightsError(f"{path}: Pad names its axes; export it with opset 17")
        made.append(node)
    return made


def _older(onnx: Any, node: Any, settings: dict[str, Any], known: Mapping[str, np.ndarray], path: str | Path) -> Any:
    """A node without attributes that came later, where they say nothing new."""
    for name, harmless in NEWER[node.op_type].items():
        value = settings.pop(name, harmless[0])
        if value not in harmless:
            raise WeightsError(f"{path}: {node.op_type} with {name}={value} cannot be opened; export it with opset 17")
    if node.op_type == "Resize" and settings.pop("axes", None) is not None:
        raise WeightsError(f"{path}: Resize names its axes; export it with opset 17")
    if node.op_type == "Reshape" and any(each.name == "allowzero" and each.i for each in node.attribute):
        shape = known.get(node.input[1])
        if shape is not None and (shape == 0).any():
            raise WeightsError(f"{path}: Reshape makes something empty")
    return onnx.helper.make_node(node.op_type, node.input, node.output, **settings)


def _gelu(onnx: Any, node: Any, settings: Mapping[str, Any], known: dict[str, np.ndarray]) -> list[Any]:
    """GELU in its parts (Hendrycks and Gimpel, arXiv:1606.08415): exact by ``Erf``, or approximate by ``Tanh``."""
    x, y = node.input[0], node.output[0]

    def constant(name: str, value: float) -> str:
        known.setdefault(f"gelu {name}", np.array(value, np.float32))
        return f"gelu {name}"

    def step(operator: str, inputs: Sequence[str], place: str) -> str:
        parts.append(onnx.helper.make_node(operator, inputs, [f"{y} {place}"]))
        return f"{y} {place}"

    parts: list[Any] = []
    if settings.get("approximate") == b"tanh":
        cube = step("Mul", [step("Mul", [x, x], "square"), x], "cube")
        inner = step("Add", [x, step("Mul", [cube, constant("cubic", 0.044715)], "bent")], "inner")
        inner = step("Tanh", [step("Mul", [inner, constant("root", (2 / np.pi) ** 0.5)], "scaled")], "curve")
    else:
        inner = step("Erf", [step("Mul", [x, constant("half root", 0.5**0.5)], "scaled")], "curve")
    share = step("Mul", [step("Add", [inner, constant("one", 1.0)], "raised"), constant("half", 0.5)], "share")
    parts.append(onnx.helper.make_node("Mul", [x, share], [y]))
    return parts
