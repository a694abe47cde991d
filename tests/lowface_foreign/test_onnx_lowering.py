"""Newer operators in older words: the same numbers as ONNX's own evaluator gives for the newer ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lowface_core.errors import WeightsError
from lowface_foreign.onnx_network import OnnxNetwork


@pytest.mark.parametrize(
    ("operator", "arrays", "settings"),
    [
        ("Gelu", {}, {}),
        ("Gelu", {}, {"approximate": "tanh"}),
        ("ReduceMean", {"axes": np.array([2, 3])}, {"keepdims": 0}),
        ("ReduceMax", {"axes": np.array([1])}, {}),
        ("Reshape", {"shape": np.array([2, -1])}, {"allowzero": 1}),
        ("AveragePool", {}, {"kernel_shape": [2, 2], "strides": [2, 2], "dilations": [1, 1]}),
    ],
)
def test_equals_the_evaluator(
    operator: str, arrays: dict[str, np.ndarray], settings: dict[str, Any], onnx_package: Any, graph: Any
) -> None:
    path = graph([onnx_package.helper.make_node(operator, ["x", *arrays], ["y"], **settings)], arrays)
    pictures = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    from onnx.reference import ReferenceEvaluator

    expected = ReferenceEvaluator(str(path)).run(None, {"x": pictures.numpy()})[0]
    np.testing.assert_allclose(OnnxNetwork(path)(pictures)[0], expected, atol=2e-6)


@pytest.mark.parametrize(
    ("operator", "inputs", "settings", "message"),
    [
        ("Pad", ["x", "pads", "", "axes"], {}, "Pad names its axes; export it with opset 17"),
        ("AveragePool", ["x"], {"kernel_shape": [2, 2], "dilations": [2, 2]}, r"AveragePool with dilations=\[2, 2\]"),
        ("Resize", ["x", "", "scales"], {"antialias": 1}, "Resize with antialias=1 cannot be opened"),
    ],
)
def test_what_older_words_cannot_say_is_refused(
    operator: str, inputs: list[str], settings: dict[str, Any], message: str, onnx_package: Any, graph: Any
) -> None:
    arrays = {"pads": np.array([1, 1]), "axes": np.array([2]), "scales": np.array([1, 1, 2, 2], np.float32)}
    path: Path = graph([onnx_package.helper.make_node(operator, inputs, ["y"], **settings)], arrays)
    with pytest.raises(WeightsError, match=message):
        OnnxNetwork(path)
