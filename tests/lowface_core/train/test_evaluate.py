from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from lowface_core.data.dataset import Dataset
from lowface_core.heads.bank import HeadBank
from lowface_core.train.evaluate import evaluate, stages_of, table_text
from lowface_core.wiring import Reads


class Mean:
    """Mean of the judged picture, and how many pictures it saw."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def update(self, image: Tensor) -> None:
        self.seen += image.mean((1, 2, 3)).tolist()

    def compute(self) -> dict[str, float]:
        return {"mean": sum(self.seen) / len(self.seen), "count": len(self.seen)}

    def reset(self) -> None:
        self.seen = []


class Reference(Mean):
    def update(self, image: Tensor, normal: Tensor) -> None:
        self.seen += (image - normal).abs().mean((1, 2, 3)).tolist()

    def compute(self) -> float:
        return sum(self.seen) / len(self.seen)


class Grey(Dataset):
    names = ("low", "normal")

    def __len__(self) -> int:
        return 3

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        return {n: np.full((3, 2, 2), v, np.float32) for n, v in (("low", 0.2), ("normal", 0.6))}


class Double(nn.Module):
    def forward(self, low: Tensor) -> Tensor:
        assert not self.training
        return low * 6


def test_each_metric_judges_each_stage_it_can(add_plugin: Callable[..., None]):
    higher = {"better": "higher"}
    add_plugin({"metric": {"mean": (Mean, higher), "reference": (Reference, {"better": "lower"})}})
    enhancer, done = Double().train(), []
    metrics = {"m": {"type": "mean"}, "r": {"type": "reference"}}
    table = evaluate(enhancer, Grey(), metrics, HeadBank({}), batch_size=2, advance=done.append)
    assert table["low"] == pytest.approx({"mean": 0.2, "count": 3, "r": 0.4})
    assert table["enhanced"] == pytest.approx({"mean": 1.0, "count": 3, "r": 0.4})  # judged after clipping to [0,1]
    assert table["normal"] == pytest.approx({"mean": 0.6, "count": 3})
    assert done == [2, 1]
    assert enhancer.training


def test_a_full_reference_metric_skips_the_reference_itself():
    names = ("low", "normal")
    assert stages_of(Reads(("image",), ()), names) == ["low", "enhanced", "normal"]
    assert stages_of(Reads(("image", "normal"), ()), names) == ["low", "enhanced"]
    assert stages_of(Reads(("image",), ()), ("low",)) == ["low", "enhanced"]


def test_the_table_has_a_line_a_stage_and_a_dash_where_there_is_no_number():
    first, low, normal = table_text({"low": {"psnr": 1.0}, "normal": {"rank1": 0.5}}).splitlines()
    assert first.split() == ["psnr", "rank1"]
    assert low.split() == ["low", "1.0000", "–"]
    assert normal.split() == ["normal", "–", "0.5000"]
    assert torch.is_grad_enabled()
