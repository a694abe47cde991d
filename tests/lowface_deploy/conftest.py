"""What the tests of exported files share: a trained-looking checkpoint, and dark pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

import lowface_core as lf
from lowface_core.data.images import write_image
from lowface_core.runs import checkpoint

SPEC = {"type": "retinex", "channels": 4, "illumination_channels": 1, "init": "he", "residual": "bound", "start": 0.2}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A work dir with a checkpoint and a manifest."""
    torch.manual_seed(3)
    network = lf.build("enhancer", SPEC["type"], **{k: v for k, v in SPEC.items() if k != "type"})
    checkpoint.save(tmp_path / "run" / "best.pth", {"state_dict": network.state_dict(), "enhancer_config": SPEC})
    (tmp_path / "run" / "manifest.json").write_text('{"seed": 7, "command": ["lowface", "train"]}')
    return tmp_path / "run"


@pytest.fixture
def pairs(tmp_path: Path) -> Callable[[int], Path]:
    """Makes a folder with ``low`` and ``normal`` pictures of smooth light."""

    def make(count: int) -> Path:
        rng = np.random.default_rng(0)
        for number in range(count):
            coarse = torch.from_numpy(rng.random((1, 3, 4, 4), dtype=np.float32))
            normal = torch.nn.functional.interpolate(coarse, (40, 48), mode="bilinear")[0].numpy()
            write_image(tmp_path / "pairs" / "normal" / f"{number}.png", normal)
            write_image(tmp_path / "pairs" / "low" / f"{number}.png", 0.2 * normal)
        return tmp_path / "pairs"

    return make
