"""What the files of all runtimes have in common when they are used as enhancers."""

from __future__ import annotations

import json
import logging
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lowface_deploy.interface import OUTPUT, Run, computed

logger = logging.getLogger("lowface")


class ExportedFile(nn.Module):
    """An enhancer whose network another runtime computes; it has no parameters and does not train.

    The runtime computes where the pictures lie, as far as it can, on as many processor threads as torch uses.

    Args:
        path: the file, for messages.
        facts: what ``lowface export`` wrote into it, as JSON; empty of a file that others made, which is then shown
            whole pictures.
    """

    outputs = (OUTPUT,)
    place: Tensor

    def __init__(self, path: Path, facts: str) -> None:
        super().__init__()
        self.path = path
        self.facts: Mapping[str, Any] = json.loads(facts or "{}")
        self.receptive_radius: int | None = self.facts.get("receptive_radius")
        self.register_buffer("place", torch.empty(0), persistent=False)  # by which pictures find the device
        self._started: tuple[torch.device, Run] | None = None

    @abstractmethod
    def start(self, device: torch.device) -> Run:
        """A function float32 (B,3,H,W) → the same, computed on a device."""

    def forward(self, low: Tensor) -> dict[str, Tensor]:
        """(B,3,H,W) RGB in [0,1] → ``enhanced``, the same.

        Raises:
            LowfaceError: the runtime refuses the picture, for its size for instance.
        """
        if self._started is None or self._started[0] != low.device:
            self._started = (low.device, self.start(low.device))
        out = computed(self._started[1], np.ascontiguousarray(low.detach().float().cpu().numpy()), self.path)
        return {OUTPUT: torch.from_numpy(out).to(low)}


def on_processor(path: Path, device: torch.device, cure: str) -> None:
    """Says that a file is computed on the processor, although another device was chosen."""
    logger.warning("%s: cannot be computed on %s and is on the processor; %s", path, device, cure)
