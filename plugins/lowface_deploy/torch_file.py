"""TorchScript files as enhancers."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import torch

from lowface_core.errors import WeightsError
from lowface_deploy.exported_file import ExportedFile, Run
from lowface_deploy.interface import FACTS


class TorchFile(ExportedFile):
    """A ``.torchscript`` file, computed by torch alone: ``--checkpoint model.torchscript``.

    Args:
        weights: the file; one RGB picture float32 (B,3,H,W) in, one out.

    Raises:
        WeightsError: the file cannot be read.
    """

    def __init__(self, weights: str | Path) -> None:
        found = {FACTS: ""}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # torch.export has no form yet that reads as safely
                script = torch.jit.load(str(weights), map_location="cpu", _extra_files=found)
        except Exception as error:
            reason = " ".join(str(error).split())[:200]
            raise WeightsError(f"{weights}: cannot be read as TorchScript ({reason}); export it again") from error
        text = found[FACTS]
        super().__init__(Path(weights), text.decode() if isinstance(text, bytes) else text)
        self._script = [script]  # not a child: its weights are no parameters here

    def start(self, device: torch.device) -> Run:
        """See the base class."""
        script = self._script[0].to(device)

        def run(low: np.ndarray) -> np.ndarray:
            with torch.no_grad():
                out: np.ndarray = script(torch.from_numpy(low).to(device)).cpu().numpy()
            return out

        return run
