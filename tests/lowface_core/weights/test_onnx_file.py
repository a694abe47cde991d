"""Weights out of ONNX files: layers by order, block quantisation undone, misfits named."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from lowface_core.errors import WeightsError
from lowface_core.weights.onnx_file import dequantised, in_order, read_onnx
from lowface_core.weights.state_dict import fit, load_weights

onnx = pytest.importorskip("onnx", reason='needs pip install "lowface[onnx]"')


class Small(nn.Module):
    """A convolution with batch norm, slopes, and a dense layer."""

    def __init__(self, outputs: int = 3) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.PReLU(4), nn.Conv2d(4, 4, 1, bias=False))
        self.dense = nn.Linear(4, outputs)

    def adapt_state(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        return in_order(self, state)


def write(path: Path, module: Small, quantised: bool = False) -> None:
    """The module as an exporter writes it, under names of its own; a weight in blocks of two where asked for."""
    state = {key: value.detach().numpy() for key, value in module.state_dict().items()}
    make, of = onnx.helper.make_node, onnx.numpy_helper.from_array
    nodes, held = [], []

    def hold(name: str, value: np.ndarray) -> str:
        held.append(of(np.ascontiguousarray(value), name))
        return name

    first = hold("w", state["body.0.weight"])
    if quantised:
        levels = np.round(state["body.0.weight"].reshape(4, 27) * 40).astype(np.int8)
        scale = np.full((4, 14), 1 / 40, np.float32)
        inputs = [hold("q", levels), hold("s", scale), hold("z", np.zeros((4, 14), np.int8))]
        nodes.append(make("DequantizeLinear", inputs, ["d"], axis=1, block_size=2))
        nodes.append(make("Reshape", ["d", hold("shape", np.array([4, 3, 3, 3]))], ["r"]))
        first = "r"
    nodes.append(make("Conv", ["x", first, hold("b", state["body.0.bias"])], ["1"]))
    norm = [hold(f"n{k}", state[f"body.1.{k}"]) for k in ("weight", "bias", "running_mean", "running_var")]
    nodes.append(make("BatchNormalization", ["1", *norm], ["2"]))
    nodes.append(make("PRelu", ["2", hold("p", state["body.2.weight"].reshape(4, 1, 1))], ["3"]))
    nodes.append(make("Conv", ["3", hold("w2", state["body.3.weight"])], ["4"]))
    nodes.append(make("Gemm", ["4", hold("g", state["dense.weight"]), hold("gb", state["dense.bias"])], ["5"]))
    graph = onnx.helper.make_graph(nodes, "small", [], [], held)
    onnx.save(onnx.helper.make_model(graph), str(path))


def drawn(**keywords: Any) -> Small:
    torch.manual_seed(0)
    module = Small(**keywords)
    module.body[1].running_mean.normal_()
    return module


def test_layers_are_found_by_their_order(tmp_path: Path) -> None:
    source, target = drawn(), Small()
    write(tmp_path / "small.onnx", source)
    load_weights(target, tmp_path / "small.onnx")
    for key, value in source.state_dict().items():
        if not key.endswith("num_batches_tracked"):
            torch.testing.assert_close(target.state_dict()[key], value, rtol=0, atol=0)


def test_quantised_weights_become_floats_again(tmp_path: Path) -> None:
    source = drawn()
    write(tmp_path / "small.onnx", source, quantised=True)
    found = read_onnx(tmp_path / "small.onnx")["Conv_0.weight"]
    torch.testing.assert_close(found, source.body[0].weight.detach(), rtol=0, atol=0.5 / 40 + 1e-6)
    assert (found * 40 - (found * 40).round()).abs().max() < 1e-4


def test_scales_for_all_for_places_and_for_blocks() -> None:
    levels = np.arange(12, dtype=np.int8).reshape(2, 6)
    one = dequantised(levels, np.array([0.5], np.float32), np.array([2], np.int8), axis=0, block_size=64)
    np.testing.assert_allclose(one, (levels - 2.0) * 0.5)
    rows = dequantised(levels, np.array([1, 10], np.float32), axis=0)
    np.testing.assert_allclose(rows, levels * [[1.0], [10.0]])
    blocks = np.array([[1, 2], [3, 4]], np.float32)
    zero = np.array([[0, 1], [0, 1]], np.int8)
    expected = (levels - [[0, 0, 0, 0, 1, 1]] * 2) * [[1, 1, 1, 1, 2, 2], [3, 3, 3, 3, 4, 4]]
    np.testing.assert_allclose(dequantised(levels, blocks, zero, axis=1, block_size=4), expected)  # the last one is cut


def test_another_networks_file_is_named(tmp_path: Path) -> None:
    write(tmp_path / "small.onnx", drawn())
    with pytest.raises(WeightsError, match=r"dense.weight is \(3, 4\), not \(5, 4\)"):
        load_weights(Small(outputs=5), tmp_path / "small.onnx")
    with pytest.raises(WeightsError, match=r"Conv_0\.weight unexpected"):
        fit(nn.Sequential(nn.Conv2d(3, 4, 3)), read_onnx(tmp_path / "small.onnx"), "small.onnx")


def test_own_layouts_pass_unchanged() -> None:
    state = drawn().state_dict()
    assert in_order(Small(), state).keys() == state.keys()


def test_without_the_package_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "small.onnx", drawn())
    known = builtins.__import__

    def without(name: str, *others: Any) -> Any:
        if name == "onnx":
            raise ImportError("no onnx")
        return known(name, *others)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(WeightsError, match=r'pip install "lowface\[onnx\]"'):
        load_weights(Small(), tmp_path / "small.onnx")


def test_a_broken_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "small.onnx").write_bytes(b"nothing of the kind")
    with pytest.raises(WeightsError, match=r"small.onnx: .*") as caught:
        load_weights(Small(), tmp_path / "small.onnx")
    assert "\n" not in str(caught.value)
