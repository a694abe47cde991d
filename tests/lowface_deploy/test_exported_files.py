"""Files that are broken, foreign, or of another runtime."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
import torch

import lowface_core as lf
from lowface_core.errors import ConfigError, LowfaceError, PluginError, WeightsError
from lowface_core.registry.registration import Registrar


@pytest.mark.parametrize("ending", [".onnx", ".xml", ".torchscript"])
def test_a_broken_file_is_one_line(tmp_path: Path, ending: str) -> None:
    pytest.importorskip({".onnx": "onnxruntime", ".xml": "openvino"}.get(ending, "torch"))
    path = tmp_path / f"broken{ending}"
    path.write_bytes(b"not a model")
    path.with_suffix(".bin").write_bytes(b"")
    with pytest.raises(WeightsError, match=r"cannot be read (as|by)") as raised:
        lf.load_enhancer(path)
    assert "\n" not in str(raised.value)
    assert str(path) in str(raised.value)


def foreign(path: Path, channels: int, side: int | str) -> Path:
    """An ONNX file of somebody else, which halves its picture."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    from onnx import TensorProto, helper

    shape = [1, channels, side, side]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in ("x", "y")]
    half = helper.make_tensor("half", TensorProto.FLOAT, [], [0.5])
    graph = helper.make_graph([helper.make_node("Mul", ["x", "half"], ["y"])], "g", ends[:1], ends[1:], [half])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def test_a_file_of_somebody_else_does_as_well(tmp_path: Path) -> None:
    network = lf.load_enhancer(foreign(tmp_path / "half.onnx", 3, "side"))
    assert network.enhancer.receptive_radius is None
    picture = np.full((9, 5, 3), 200, np.uint8)
    assert (lf.enhance(picture, network) == 100).all()


def test_one_that_does_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="an enhancer takes and gives RGB pictures"):
        lf.load_enhancer(foreign(tmp_path / "grey.onnx", 1, 8))
    fixed = lf.load_enhancer(foreign(tmp_path / "fixed.onnx", 3, 8))
    assert float(fixed(torch.ones(1, 3, 8, 8)).mean()) == 0.5
    with pytest.raises(LowfaceError, match="cannot compute a picture of") as raised:
        fixed(torch.ones(1, 3, 9, 8))
    assert "\n" not in str(raised.value)


def test_the_provider_is_chosen_and_another_device_than_the_processor_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = foreign(tmp_path / "half.onnx", 3, "side")
    with pytest.raises(ConfigError, match="has no 'CPUExecutionProvidr'; did you mean 'CPUExecutionProvider'"):
        lf.load_enhancer(path, {"provider": "CPUExecutionProvidr"})
    network = lf.load_enhancer(path, {"provider": "CPUExecutionProvider"}).enhancer
    with caplog.at_level(logging.WARNING, "lowface"):
        run = network.start(torch.device("cpu"))
        assert not caplog.messages
        network.provider = None
        run = network.start(torch.device("cuda:0"))
    assert run(np.ones((1, 3, 2, 2), np.float32)).mean() == 0.5
    assert ["cannot be computed on cuda:0" in message for message in caplog.messages] == [True]


def test_weights_beside_an_openvino_model_are_missed_and_count(tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    from lowface_core.inference import resolve_enhancer
    from lowface_deploy.exporting import export

    export("gain", "openvino", tmp_path / "m.xml")
    first = resolve_enhancer(str(tmp_path / "m.xml")).identity["sha256"]
    data = tmp_path / "m.bin"
    data.write_bytes(data.read_bytes() + b"\0")
    assert resolve_enhancer(str(tmp_path / "m.xml")).identity["sha256"] != first
    data.unlink()
    with pytest.raises(WeightsError, match=r"m\.bin: is missing"):
        lf.load_enhancer(tmp_path / "m.xml")


@pytest.mark.parametrize("endings", [["onnx"], [".ONNX"], [1]])
def test_endings_are_checked_when_they_are_registered(endings: list[object]) -> None:
    with pytest.raises(PluginError, match="opens is a list of endings in lower case"):
        Registrar("enhancer", "d:e", "p", [])("x", dict, opens=endings)
    with pytest.raises(PluginError, match="unknown fact 'opens'"):
        Registrar("loss", "d:e", "p", [])("x", dict, opens=[".x"])
