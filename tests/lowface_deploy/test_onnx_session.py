"""An ONNX file in ``lowface enhance``: the same pixels, and no torch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lowface_core.errors import WeightsError
from lowface_deploy.onnx_session import open_arrays, open_session

pytest.importorskip("onnxruntime", reason='needs pip install "lowface[onnx]"')

WITHOUT = """
import sys
sys.modules["torch"] = None  # importing it fails
from lowface_core.cli import main
main()
"""


@pytest.fixture
def exported(lowface: Callable[..., Any], tmp_path: Path) -> Path:
    pytest.importorskip("onnx", reason='needs pip install "lowface[onnx]"')
    assert lowface("export", "gain", "--enhancer-options", "factor=3", "-o", "m.onnx").code == 0
    folder = tmp_path / "dark"
    folder.mkdir()
    drawn = np.random.default_rng(0)
    for name, size, dtype in (("a.png", (40, 61, 3), np.uint8), ("b.png", (700, 530, 3), np.uint8)):
        Image.fromarray(drawn.integers(0, 80, size).astype(dtype)).save(folder / name)
    return tmp_path


def test_enhance_does_without_torch_and_writes_the_same(
    exported: Path, lowface: Callable[..., Any], python: Callable[..., Any]
) -> None:
    done = python("-c", WITHOUT, "enhance", "dark", "-o", "quick", "--checkpoint", "m.onnx", cwd=exported)
    assert done.code == 0, done.err
    assert lowface("enhance", "dark", "-o", "torch", "--checkpoint", "gain", "--enhancer-options", "factor=3").code == 0
    for name in ("a.png", "b.png"):
        assert (exported / "quick" / name).read_bytes() == (exported / "torch" / name).read_bytes()


def test_another_device_is_left_to_torch(exported: Path) -> None:
    assert open_arrays(exported / "m.onnx", "cuda") is None
    opened = open_arrays(exported / "m.onnx", "cpu")
    assert opened is not None
    low = np.full((1, 3, 5, 7), 0.2, np.float32)
    assert np.allclose(opened(low), 0.6)
    assert opened.receptive_radius == 0


def test_a_broken_file_is_one_line(lowface: Callable[..., Any], tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "p.png")
    (tmp_path / "m.onnx").write_bytes(b"not a model")
    said = lowface("enhance", "p.png", "-o", "q.png", "--checkpoint", "m.onnx")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "m.onnx: cannot be read as ONNX" in said.err
    assert not (tmp_path / "q.png").exists()
    with pytest.raises(WeightsError):
        open_session(tmp_path / "m.onnx")
