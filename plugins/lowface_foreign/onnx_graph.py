"""An ONNX file made plain: constants computed, quantised weights made floats, names harmless, opset lowered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lowface_core.errors import ConfigError, WeightsError, listing, nearest
from lowface_core.lazy import needed
from lowface_core.weights.onnx_file import dequantised
from lowface_foreign.onnx_lowering import lowered

#: Operators whose answer is not told by their inputs.
RANDOM = ("Random", "Bernoulli", "Multinomial")
COLOURS = 3


@dataclass
class OnnxGraph:
    """What :func:`read_graph` makes of a file.

    Attributes:
        model: the ``onnx.ModelProto``; one input, ``picture``; its outputs are ``output_0``, ``output_1``, …
        outputs: what the file calls them.
        batch: number of pictures that the file is made for; None: any.
        size: (height, width) that it is made for; None: any.
        channels_last: the picture goes in as (B,H,W,3).
    """

    model: Any
    outputs: tuple[str, ...]
    batch: int | None
    size: tuple[int, int] | None
    channels_last: bool


def read_graph(path: str | Path, outputs: Sequence[str] | None = None) -> OnnxGraph:
    """Reads an ONNX file without executing anything of it but constant arithmetic.

    Args:
        outputs: names of values in the graph to be its outputs, in this order; None: its own.

    Raises:
        PluginError: the package ``onnx`` is not installed.
        WeightsError: the file is no ONNX file, or does not take one float picture.
        ConfigError: there is no such value.
    """
    onnx = needed("onnx", "onnx2torch", f"{path}")
    try:
        model = onnx.load(str(path))
        if model.functions:
            model = needed("onnx.inliner", "onnx2torch").inline_local_functions(model)
    except Exception as error:  # protobuf and onnx raise types of their own
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise WeightsError(f"{path}: cannot be read as ONNX ({reason}); fetch or copy it again") from error
    graph = model.graph
    known = {held.name: flushed(onnx.numpy_helper.to_array(held)) for held in graph.initializer}
    wanted = tuple(outputs or (value.name for value in graph.output))
    made = [name for node in graph.node for name in node.output if name]
    for name in wanted:
        if name not in made:
            raise ConfigError(f"{path}: computes no {name!r}{nearest(name, made)}; its outputs: {_names(graph.output)}")
    nodes = _reached(_without_constants(onnx, model, known, path), wanted)
    read = {name for node in nodes for name in node.input} - known.keys()  # some files list weights as inputs as well
    picture = _picture(path, [value for value in graph.input if value.name in read])
    nodes = lowered(onnx, nodes, known, path)
    nodes = [*nodes, *(onnx.helper.make_node("Identity", [name], [f"{k} is wanted"]) for k, name in enumerate(wanted))]
    batch, size, last = _shape_of(picture)
    return OnnxGraph(_harmless(onnx, nodes, known, picture), wanted, batch, size, last)


def flushed(array: np.ndarray) -> np.ndarray:
    """Subnormal values set to zero: they carry nothing and slow CPU convolutions down."""
    if array.dtype.kind != "f":
        return array
    return np.where(np.abs(array) < np.finfo(np.float32).tiny, array.dtype.type(0), array)


def _names(values: Sequence[Any]) -> str:
    return listing([value.name for value in values])


def _picture(path: str | Path, inputs: Sequence[Any]) -> Any:
    """The one input."""
    if len(inputs) != 1:
        raise WeightsError(f"{path}: takes {len(inputs)} inputs ({_names(inputs)}); a head gives it one picture")
    kind = inputs[0].type.tensor_type
    if kind.elem_type != 1 or len(kind.shape.dim) != 4:
        raise WeightsError(f"{path}: {inputs[0].name} is no float32 picture (B,3,H,W); export it with one")
    if all(side.HasField("dim_value") and side.dim_value != COLOURS for side in kind.shape.dim):
        raise WeightsError(f"{path}: {inputs[0].name} has no {COLOURS} channels; a head gives it RGB pictures")
    return inputs[0]


def _shape_of(picture: Any) -> tuple[int | None, tuple[int, int] | None, bool]:
    """Batch, (height, width) and whether the channels come last; None: open."""
    sides = [side.dim_value if side.dim_value > 0 else None for side in picture.type.tensor_type.shape.dim]
    last = sides[3] == COLOURS and sides[1] != COLOURS
    height, width = sides[1:3] if last else sides[2:]
    return sides[0], None if height is None or width is None else (height, width), last


def _without_constants(onnx: Any, model: Any, known: dict[str, np.ndarray], path: str | Path) -> list[Any]:
    """The nodes that depend on the picture; what the others compute is put into ``known``."""
    versions = {each.domain: each.version for each in model.opset_import}
    left = []
    for node in model.graph.node:
        inputs = [name for name in node.input if name]
        inner = any(each.type in (each.GRAPH, each.GRAPHS) for each in node.attribute)
        if inner or not known.keys() >= {*inputs} or node.op_type.startswith(RANDOM):
            left.append(node)
            continue
        try:
            results = _computed(onnx, node, [known.get(name) for name in node.input], versions)
        except Exception as error:  # whatever numpy or onnx' evaluator finds wrong
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise WeightsError(f"{path}: {node.op_type} {node.name!r} cannot be computed ({reason})") from error
        known.update(zip(node.output, map(flushed, results), strict=False))
    return left


def _computed(
    onnx: Any, node: Any, inputs: Sequence[np.ndarray | None], versions: Mapping[str, int]
) -> list[np.ndarray]:
    """What a node makes of constants."""
    if node.op_type == "DequantizeLinear":  # in blocks as well, which the evaluator of older versions does not know
        settings = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
        levels, scale, *zero = inputs
        assert levels is not None
        assert scale is not None
        return [dequantised(levels, scale, zero[0] if zero else None, **settings)]
    reference = needed("onnx.reference", "onnx2torch")
    evaluator = reference.ReferenceEvaluator(node, opsets=dict(versions))
    given = {name: value for name, value in zip(node.input, inputs, strict=True) if name}
    return [np.asarray(value) for value in evaluator.run(None, given)]


def _reached(nodes: Sequence[Any], wanted: Sequence[str]) -> list[Any]:
    """The nodes that the wanted values depend on, in the graph's order."""
    needs, kept = {*wanted}, []
    for node in reversed(nodes):
        if needs & {*node.output}:
            needs |= {*node.input}
            kept.append(node)
    return kept[::-1]


def _harmless(onnx: Any, nodes: Sequence[Any], known: Mapping[str, np.ndarray], picture: Any) -> Any:
    """A model of these nodes in which every name is one of ours.

    onnx2torch makes Python code out of the names of nodes, and a file may call them what it likes.
    """
    names = {picture.name: "picture", "": ""}
    outputs = [nodes[-k].output[0] for k in range(len(nodes), 0, -1) if nodes[-k].output[0].endswith(" is wanted")]
    names |= {name: f"output_{k}" for k, name in enumerate(outputs)}
    renamed = []
    for place, node in enumerate(nodes):
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copy.name = f"node_{place}"
        for held in (copy.input, copy.output):
            held[:] = [names.setdefault(name, f"value_{len(names)}") for name in held]
        renamed.append(copy)
    used = {name for node in nodes for name in node.input}
    constants = [onnx.numpy_helper.from_array(known[name], names[name]) for name in sorted(used & known.keys())]
    source = onnx.ValueInfoProto()
    source.CopyFrom(picture)
    source.name = "picture"
    results = [onnx.helper.make_empty_tensor_value_info(f"output_{k}") for k in range(len(outputs))]
    graph = onnx.helper.make_graph(renamed, "network", [source], results, constants)
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
