"""Networks exported for the tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch


@pytest.fixture(scope="session")
def onnx_package() -> Any:
    """The package onnx; skips without it or without onnx2torch."""
    pytest.importorskip("onnx2torch", reason='needs pip install "lowface[onnx2torch]"')
    return pytest.importorskip("onnx")


@pytest.fixture(scope="session")
def weights(shared: Path) -> Path:
    """The folder of public weights."""
    return shared / "weights"


@pytest.fixture
def graph(onnx_package: Any, tmp_path: Path) -> Any:
    """Writes a model of nodes: ``graph(nodes, arrays, shape=…, outputs=…, opset=…)`` → its file."""
    helper = onnx_package.helper

    def write(
        nodes: Sequence[Any],
        arrays: dict[str, np.ndarray] | None = None,
        shape: Sequence[Any] = ("batch", 3, 8, 8),
        outputs: Sequence[str] = ("y",),
        opset: int = 20,
    ) -> Path:
        picture = helper.make_tensor_value_info("x", onnx_package.TensorProto.FLOAT, list(shape))
        results = [helper.make_empty_tensor_value_info(name) for name in outputs]
        held = [onnx_package.numpy_helper.from_array(array, name) for name, array in (arrays or {}).items()]
        made = helper.make_graph(list(nodes), "made", [picture], results, held)
        path = tmp_path / "made.onnx"
        onnx_package.save(
            helper.make_model(made, opset_imports=[helper.make_opsetid("", opset)], ir_version=9), str(path)
        )
        return path

    return write


@pytest.fixture(scope="session")
def resnet(onnx_package: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network of timm for seven classes, exported by torch for any number of pictures of 64 x 64."""
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    network = timm.create_model("resnet10t", num_classes=7).eval()
    path = tmp_path_factory.mktemp("onnx") / "resnet10t.onnx"
    axes = {"picture": {0: "batch"}}
    options: dict[str, Any] = {"input_names": ["picture"], "output_names": ["logits"], "dynamic_axes": axes}
    torch.onnx.export(network, (torch.rand(1, 3, 64, 64),), str(path), dynamo=False, **options)
    return path
