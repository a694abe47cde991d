"""Arrays computed by the released code, as tensors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor


@pytest.fixture(scope="session")
def released(shared: Path) -> dict[str, Tensor]:
    """Inputs, losses and gradients of the released losses; pictures as (N,3,H,W)."""
    arrays = np.load(shared / "oracle" / "losses_released_code.npz")
    tensors = {key: torch.from_numpy(np.asarray(arrays[key])) for key in arrays.files}
    return {key: value.permute(0, 3, 1, 2) if value.ndim == 4 else value for key, value in tensors.items()}


@pytest.fixture(scope="session")
def oracle_vgg(released: dict[str, Tensor], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights file of the VGG-16 behind the arrays; skipped where the installed torch draws other numbers."""
    torchvision = pytest.importorskip("torchvision")
    with torch.random.fork_rng():
        torch.manual_seed(int(released["vgg16_seed"]))
        network = torchvision.models.vgg16(weights=None)
    state = network.state_dict()
    total = sum(float(value.double().sum()) for value in state.values())
    if abs(total - float(released["vgg16_sum"])) > 1e-3:
        pytest.skip(f"torch {torch.__version__} draws other VGG-16 weights: they sum to {total:.3f}")
    path = tmp_path_factory.mktemp("vgg") / "vgg16.pth"
    torch.save({key: value for key, value in state.items() if key.startswith("features.")}, path)
    return path
