"""Base of the methods that compute each picture by itself, outside torch."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import torch
from torch import Tensor, nn


class ByPicture(nn.Module, ABC):
    """An enhancer that treats one picture after another as a NumPy array on the CPU.

    Not differentiable: runs under ``no_grad``, so ``enhanced`` carries no gradient and nothing trains through it.
    """

    outputs = ("enhanced",)

    @torch.no_grad()
    def forward(self, low: Tensor) -> dict[str, Tensor]:
        """(B,3,H,W) RGB in [0,1], any size from 1x1 → ``enhanced``, same shape, range, type and device; no gradient."""
        arrays = low.detach().float().clamp(0.0, 1.0).permute(0, 2, 3, 1).cpu().numpy()
        pictures = [self.picture(np.ascontiguousarray(array)) for array in arrays]
        stacked = np.stack(pictures).astype(np.float32) if pictures else arrays
        enhanced = torch.from_numpy(np.ascontiguousarray(stacked.transpose(0, 3, 1, 2)))
        return {"enhanced": enhanced.clamp(0.0, 1.0).to(low)}

    @abstractmethod
    def picture(self, low: np.ndarray) -> np.ndarray:
        """One picture, float32 (H,W,3) RGB in [0,1] → the same shape; what lies outside [0,1] is clipped afterwards."""
