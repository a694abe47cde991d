"""Files of ONNX Runtime as enhancers."""

from __future__ import annotations

from pathlib import Path

import torch

from lowface_core.lazy import needed
from lowface_deploy.exported_file import ExportedFile, Run, on_processor
from lowface_deploy.onnx_session import CPU, open_session

PROVIDERS = {"cpu": CPU, "cuda": "CUDAExecutionProvider", "mps": "CoreMLExecutionProvider"}


class OnnxFile(ExportedFile):
    """An ``.onnx`` file, computed by ONNX Runtime: ``--checkpoint model.onnx``.

    Args:
        weights: the file; one RGB picture float32 (B,3,H,W) in, one out.
        provider: ONNX Runtime's provider, such as ``"OpenVINOExecutionProvider"``; default: the one that fits the
            device, CUDA's, CoreML's or the processor's.

    Raises:
        PluginError: ONNX Runtime is not installed.
        WeightsError: the file cannot be read or does something else.
        ConfigError: this ONNX Runtime has no such provider.
    """

    def __init__(self, weights: str | Path, provider: str | None = None) -> None:
        opened = open_session(weights, provider, optimised=False)
        super().__init__(Path(weights), opened.facts)
        self._runtime = needed("onnxruntime", "onnx")
        self.provider, self._input = provider, opened.input

    def start(self, device: torch.device) -> Run:
        """See the base class."""
        wanted = self.provider or PROVIDERS.get(device.type, CPU)
        if wanted not in self._runtime.get_available_providers():
            on_processor(self.path, device, "pip install onnxruntime-gpu, or add --device cpu")
            wanted = CPU
        options = self._runtime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        which = {"device_id": device.index or 0} if wanted == PROVIDERS["cuda"] else {}
        providers = [(wanted, which), *([CPU] if wanted != CPU else [])]
        session = self._runtime.InferenceSession(self.path, options, providers=providers)
        return lambda low: session.run(None, {self._input: low})[0]
