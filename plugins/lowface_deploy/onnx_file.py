"""Files of ONNX Runtime as enhancers."""

from __future__ import annotations

from pathlib import Path

import torch

from lowface_core.errors import ConfigError, WeightsError, nearest
from lowface_core.lazy import needed
from lowface_deploy.exported_file import FACTS, ExportedFile, Run, check_shapes, on_processor

CPU = "CPUExecutionProvider"
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
        self._runtime = runtime = needed("onnxruntime", "onnx")
        runtime.set_default_logger_severity(4)  # what goes wrong is raised, too
        offered = runtime.get_available_providers()
        if provider not in (None, *offered):
            hint = nearest(str(provider), offered) or f"; it has {', '.join(offered)}"
            raise ConfigError(f"provider: this ONNX Runtime has no {provider!r}{hint}")
        try:
            asked = runtime.SessionOptions()  # to be asked what it takes, not to compute: nothing is optimised
            asked.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
            session = runtime.InferenceSession(weights, asked, providers=[CPU])
        except Exception as error:  # of types of its own, one for each way in which a file can be broken
            reason = " ".join(str(error).split())[:200]
            raise WeightsError(f"{weights}: cannot be read as ONNX ({reason}); export or copy it again") from error
        super().__init__(Path(weights), session.get_modelmeta().custom_metadata_map.get(FACTS, ""))
        named = session.get_inputs(), session.get_outputs()
        check_shapes(self.path, *([[None if isinstance(s, str) else s for s in x.shape] for x in xs] for xs in named))
        if named[0][0].type != "tensor(float)":
            raise WeightsError(f"{weights}: takes {named[0][0].type}; export it with float32 pictures")
        self.provider, self._input = provider, named[0][0].name

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
