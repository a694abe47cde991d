"""Checkpoints of small networks with drawn weights, of architectures that spandrel knows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn


def small_network(architecture: str) -> Any:
    """A small network with drawn weights; every parameter matters to its result."""
    torch.manual_seed(3)
    if architecture == "NAFNet":
        from spandrel.architectures.NAFNet import NAFNet

        made: nn.Module = NAFNet(width=8, middle_blk_num=1, enc_blk_nums=[1, 1], dec_blk_nums=[1, 1])
    else:
        from spandrel.architectures.RetinexFormer import RetinexFormer

        made = RetinexFormer(n_feat=8, stage=1, num_blocks=[1, 1, 1])
    with torch.no_grad():
        for parameter in made.parameters():  # NAFNet's blocks begin with factors of zero
            parameter.add_(0.02 * torch.randn_like(parameter))
    return made.eval()


@pytest.fixture
def checkpoint(tmp_path: Path) -> Callable[[str], tuple[Path, Any]]:
    """A function architecture → (its checkpoint file, as BasicSR wraps it, and the network)."""
    pytest.importorskip("spandrel", reason='needs pip install "lowface[spandrel]"')

    def save(architecture: str) -> tuple[Path, Any]:
        network, path = small_network(architecture), tmp_path / f"{architecture}.pth"
        torch.save({"params": network.state_dict()}, path)
        return path, network

    return save
