from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn

from lowface_core.train.sample_panel import fixed_samples, panel, write_panel


class Brighten(nn.Module):
    def forward(self, low: Tensor) -> dict[str, Tensor]:
        return {"enhanced": low * 2, "illumination": low[:, :1]}


def samples(*sizes: int) -> list[dict[str, Any]]:
    return [
        {"low": torch.full((3, s, s), 0.25).numpy(), "normal": torch.ones(3, s, s).numpy(), "key": "k"} for s in sizes
    ]


def test_samples_are_spread_evenly_and_never_twice():
    assert fixed_samples(list(range(9)), 3) == [0, 4, 8]
    assert fixed_samples([5], 4) == [5]
    assert fixed_samples([1, 2], 0) == []


def test_a_panel_shows_a_row_a_sample_and_a_column_a_name(tmp_path: Path):
    enhancer = Brighten().train()
    sheet = panel(enhancer, samples(20, 30), torch.device("cpu"))
    assert sheet.width == 4 * 34 + 4
    assert sheet.getpixel((4 + 34 + 5, 30)) == (128, 128, 128)
    assert enhancer.training
    write_panel(tmp_path / "a" / "p.png", enhancer, samples(20), torch.device("cpu"))
    assert Image.open(tmp_path / "a" / "p.png").format == "PNG"
