"""Networks that were made elsewhere as frozen heads, by file: ONNX as a differentiable module, and TorchScript."""

from __future__ import annotations

import lowface_core as lf


@lf.hookimpl
def register_heads(register: lf.Register) -> None:
    """ONNX needs ``pip install "lowface[onnx2torch]"``; without it the head is listed, and says so when it is built."""
    register("onnx", "lowface_foreign.onnx_head:onnx")
    register("torchscript", "lowface_foreign.torchscript_head:torchscript")
