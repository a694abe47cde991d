"""Files of OpenVINO as enhancers."""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch

from lowface_core.errors import ConfigError, WeightsError, nearest
from lowface_core.lazy import needed
from lowface_core.weights.record import sha256_of
from lowface_deploy.exported_file import ExportedFile, Run, on_processor
from lowface_deploy.interface import FACTS, check_shapes

CPU = "CPU"


class OpenvinoFile(ExportedFile):
    """An OpenVINO model, ``.xml`` with its ``.bin`` beside it: ``--checkpoint model.xml``.

    Args:
        weights: the ``.xml`` file; one RGB picture float32 (B,3,H,W) in, one out.
        provider: OpenVINO's device, such as ``"GPU"``, ``"NPU"`` or ``"AUTO"``; default: the processor.
        exact: compute float32 as float32; otherwise a device may take the precision that it is fastest with, such as
            bfloat16.

    Raises:
        PluginError: OpenVINO is not installed.
        WeightsError: a file cannot be read or does something else.
        ConfigError: this machine has no such device.
    """

    def __init__(self, weights: str | Path, provider: str | None = None, exact: bool = True) -> None:
        path, self._core = Path(weights), needed("openvino", "openvino").Core()
        offered = self._core.available_devices
        if provider is not None and provider.partition(":")[0] not in ("AUTO", "HETERO", *offered):
            hint = nearest(provider, offered) or f"; it has {', '.join(offered)}"
            raise ConfigError(f"provider: OpenVINO finds no device {provider!r} here{hint}")
        data = path.with_suffix(".bin")
        if not data.is_file():
            raise WeightsError(f"{data}: is missing; OpenVINO's weights lie beside {path.name}, copy both")
        try:
            self._model = self._core.read_model(path)
        except Exception as error:
            reason = " ".join(str(error).split())[-200:]
            raise WeightsError(f"{path}: cannot be read by OpenVINO ({reason}); export or copy it again") from error
        facts = self._model.get_rt_info([FACTS]).astype(str) if self._model.has_rt_info([FACTS]) else ""
        super().__init__(path, facts)
        shapes = (
            [[None if side.is_dynamic else side.get_length() for side in port.get_partial_shape()] for port in ports]
            for ports in (self._model.inputs, self._model.outputs)
        )
        check_shapes(path, *shapes)
        self.provider, self.exact = provider, exact
        #: Of both files.
        self.sha256 = hashlib.sha256(f"{sha256_of(path)} {sha256_of(data)}".encode()).hexdigest()

    def start(self, device: torch.device) -> Run:
        """See the base class."""
        if device.type != "cpu" and self.provider is None:
            on_processor(self.path, device, "choose OpenVINO's device with provider=GPU, or add --device cpu")
        chosen = self.provider or CPU
        hints = {"INFERENCE_PRECISION_HINT": "f32"} if self.exact else {}
        threads = {"INFERENCE_NUM_THREADS": torch.get_num_threads()} if chosen == CPU else {}
        compiled = self._core.compile_model(self._model, chosen, {**hints, **threads})
        return lambda low: compiled(low)[0]
