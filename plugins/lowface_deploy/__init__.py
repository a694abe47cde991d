"""Trained enhancers as files of other runtimes: ``lowface export`` writes them, and they work as checkpoints do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import lowface_core as lf

if TYPE_CHECKING:
    import click


@lf.hookimpl
def register_enhancers(register: lf.Register) -> None:
    """Exported files; ONNX needs ``pip install "lowface[onnx]"``, OpenVINO ``pip install "lowface[openvino]"``."""
    without_torch = "lowface_deploy.onnx_session:open_arrays"
    register("onnx", "lowface_deploy.onnx_file:OnnxFile", opens=[".onnx"], without_torch=without_torch)
    register("openvino", "lowface_deploy.openvino_file:OpenvinoFile", opens=[".xml"])
    register("torchscript", "lowface_deploy.torch_file:TorchFile", opens=[".torchscript"])


@lf.hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds ``lowface export``."""
    from lowface_deploy.command import export

    cli.add_command(export)
