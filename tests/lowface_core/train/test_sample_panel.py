from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lowface_core.runs.panel_file import read_sheet
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
    sheet, _ = panel(enhancer, samples(20, 30), torch.device("cpu"))
    assert sheet.width == 4 * 34 + 4
    assert sheet.getpixel((4 + 34 + 5, 30)) == (128, 128, 128)
    assert enhancer.training


def test_a_written_panel_says_where_its_pictures_are(tmp_path: Path):
    path = tmp_path / "a" / "p.png"
    write_panel(path, Brighten(), samples(20, 30), torch.device("cpu"), 7)
    sheet, layout = read_sheet(path)
    assert layout.iteration == 7
    assert [row.key for row in layout.rows] == ["k", "k"]
    rows = layout.cells(sheet)
    assert [list(row) for row in rows] == [["low", "enhanced", "illumination", "normal"]] * 2
    assert [cell.size for row in rows for cell in row.values()] == [(20, 20)] * 4 + [(30, 30)] * 4
    assert [cell.getpixel((0, 0)) for cell in rows[1].values()] == [(64,) * 3, (128,) * 3, (64,) * 3, (255,) * 3]
