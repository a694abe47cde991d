"""ONNX files as torch modules: onnxruntime's numbers, and gradients that agree with finite differences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lowface_core.errors import ConfigError, PluginError, WeightsError
from lowface_foreign.onnx_network import OnnxNetwork

SFACE = "face_recognition_sface_2021dec_int8bq.onnx"


def answers(path: Path, pictures: torch.Tensor, one_by_one: bool = False) -> list[np.ndarray]:
    """ONNX Runtime's."""
    runtime = pytest.importorskip("onnxruntime", reason="reference values are onnxruntime's")
    onnx = pytest.importorskip("onnx")
    model = onnx.load(str(path))
    weights = {held.name for held in model.graph.initializer}
    pictured = [given for given in model.graph.input if given.name in ("x", "data", "picture")]
    for given in [given for given in model.graph.input if given not in pictured and given.name not in weights]:
        model.graph.input.remove(given)  # some files list what they no longer hold
    options = runtime.SessionOptions()
    options.log_severity_level = 4
    session = runtime.InferenceSession(model.SerializeToString(), options)
    name = pictured[0].name
    parts = pictures.split(1) if one_by_one else [pictures]
    runs = [session.run(None, {name: part.numpy()}) for part in parts]
    return [np.concatenate(each) for each in zip(*runs, strict=True)]


def slope_error(network: torch.nn.Module, picture: torch.Tensor) -> float:
    """How far the gradient of a random sum of the answer is from its finite difference in a random direction."""
    generator = torch.Generator().manual_seed(1)
    picture = picture.double().requires_grad_()
    (answer,) = network.double()(picture)
    weights = torch.randn(answer.shape, generator=generator, dtype=torch.float64)
    (gradient,) = torch.autograd.grad((answer * weights).sum(), picture)
    direction = torch.randn(picture.shape, generator=generator, dtype=torch.float64)
    step = 1e-7
    with torch.no_grad():
        ahead, behind = ((network(picture + sign * step * direction)[0] * weights).sum() for sign in (1, -1))
    slope = float(ahead - behind) / (2 * step)
    assert abs(slope) > 1e-6
    return abs(slope / float((gradient * direction).sum()) - 1)


def test_a_timm_network_gives_the_runtimes_logits(resnet: Path) -> None:
    pictures = torch.rand(3, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    network = OnnxNetwork(resnet)
    with torch.no_grad():
        (found,) = network(pictures)
    (expected,) = answers(resnet, pictures)
    assert (network.outputs, network.size) == (("logits",), (64, 64))
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert slope_error(network, pictures[:1]) < 1e-3


def test_sface_gives_the_runtimes_embedding(onnx_package: Any, weights: Path) -> None:
    network = OnnxNetwork(weights / SFACE)
    crops = torch.rand(2, 3, 112, 112, generator=torch.Generator().manual_seed(0)) * 255
    with torch.no_grad():
        (found,) = network(crops)
    (expected,) = answers(weights / SFACE, crops, one_by_one=True)  # the file is made for one crop at a time
    np.testing.assert_allclose(found, expected, atol=1e-3)
    assert slope_error(network, crops[:1]) < 1e-3


def test_blocks_and_channels_are_made_floats(onnx_package: Any, graph: Any) -> None:
    rng, node = np.random.default_rng(0), onnx_package.helper.make_node
    levels = rng.integers(-128, 128, (4, 27), dtype=np.int8)
    scale = rng.uniform(0.01, 0.02, (4, 3)).astype(np.float32)
    path = graph(
        [
            node("DequantizeLinear", ["levels", "scale"], ["flat"], axis=1, block_size=9),
            node("Reshape", ["flat", "shape"], ["kernel"]),
            node("Conv", ["x", "kernel"], ["y"]),
        ],
        {"levels": levels, "scale": scale, "shape": np.array([4, 3, 3, 3])},
        opset=21,
    )
    pictures = torch.rand(2, 3, 8, 8)
    expected = torch.nn.functional.conv2d(
        pictures, torch.from_numpy((levels * scale.repeat(9, 1)).astype(np.float32)).reshape(4, 3, 3, 3)
    )
    torch.testing.assert_close(OnnxNetwork(path)(pictures)[0], expected, atol=1e-4, rtol=1e-4)


def test_a_file_for_one_picture_is_given_batches_where_that_changes_nothing(onnx_package: Any, graph: Any) -> None:
    node = onnx_package.helper.make_node
    pictures = torch.rand(3, 3, 8, 8)
    batched = OnnxNetwork(graph([node("Flatten", ["x"], ["y"])], shape=(1, 3, 8, 8)))
    assert not batched._each
    assert torch.equal(batched(pictures)[0], pictures.flatten(1))
    shape = {"shape": np.array([1, 192])}
    single = OnnxNetwork(graph([node("Reshape", ["x", "shape"], ["y"])], shape, shape=(1, 3, 8, 8)))
    assert single._each
    assert torch.equal(single(pictures)[0], pictures.flatten(1))


def test_channels_may_come_last(onnx_package: Any, graph: Any) -> None:
    node = onnx_package.helper.make_node
    network = OnnxNetwork(graph([node("Neg", ["x"], ["y"])], shape=("batch", 8, 9, 3)))
    pictures = torch.rand(2, 3, 8, 9)
    assert network.size == (8, 9)
    assert torch.equal(network(pictures)[0], -pictures.permute(0, 2, 3, 1))


def test_values_inside_are_outputs_by_name(onnx_package: Any, graph: Any) -> None:
    node = onnx_package.helper.make_node
    path = graph([node("Neg", ["x"], ["inner"]), node("Exp", ["inner"], ["y"]), node("Abs", ["y"], ["end"])])
    network, pictures = OnnxNetwork(path, ["y", "inner"]), torch.rand(2, 3, 8, 8)
    assert torch.equal(network.one(pictures, 1), -pictures)
    torch.testing.assert_close(network.one(pictures, 0), (-pictures).exp())
    with pytest.raises(ConfigError, match="computes no 'iner'; did you mean 'inner'"):
        OnnxNetwork(path, ["iner"])


def test_names_in_a_file_do_not_become_code(
    onnx_package: Any, graph: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    evil = 'a"), open("run","w") or getattr(self, "a'
    node = onnx_package.helper.make_node("Neg", ["x"], [evil], name=evil)
    network = OnnxNetwork(graph([node, onnx_package.helper.make_node("Abs", [evil], ["y"], name=evil)]))
    pictures = torch.rand(1, 3, 8, 8)
    assert torch.equal(network(pictures)[0], pictures)
    assert "open" not in network.network.code
    assert not (tmp_path / "run").exists()


def test_files_that_cannot_be_opened_say_why(onnx_package: Any, graph: Any, tmp_path: Path) -> None:
    node = onnx_package.helper.make_node
    (tmp_path / "page.onnx").write_text("<html>")
    with pytest.raises(WeightsError, match="cannot be read as ONNX"):
        OnnxNetwork(tmp_path / "page.onnx")
    with pytest.raises(WeightsError, match=r"uses com\.example\.Odd; export it with standard operators"):
        OnnxNetwork(graph([node("Odd", ["x"], ["y"], domain="com.example")]))
    with pytest.raises(WeightsError, match=r"onnx2torch cannot convert it.*Det"):
        OnnxNetwork(graph([node("Det", ["x"], ["y"])]))
    with pytest.raises(WeightsError, match=r"x is no float32 picture"):
        OnnxNetwork(graph([node("Neg", ["x"], ["y"])], shape=("batch", 3)))


def test_without_the_library_one_line_says_what_to_install(
    onnx_package: Any, graph: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = graph([onnx_package.helper.make_node("Neg", ["x"], ["y"])])
    monkeypatch.setitem(__import__("sys").modules, "onnx2torch", None)
    with pytest.raises(PluginError, match=r'pip install "lowface\[onnx2torch\]"'):
        OnnxNetwork(path)
