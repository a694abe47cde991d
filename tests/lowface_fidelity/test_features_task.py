"""Pretraining of the small feature network on a toy dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from lowface_core.data.dataset import Dataset
from lowface_core.errors import DataError
from lowface_fidelity.features_task import FeaturesTask, targets
from lowface_fidelity.small_features import SmallFeatures


class Halves(Dataset):
    """Pictures of two coloured halves, which are classes 1 and 10; the last picture has another size."""

    names = ("normal", "labels")

    def __len__(self) -> int:
        return 6

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        size = 40 if index == 5 else 32
        labels = np.ones((size, size), dtype=np.int64)
        labels[:, size // 2 :] = 10
        colours = np.zeros((11, 3), dtype=np.float32)
        colours[1], colours[10] = (0.8, 0.5, 0.4), (0.1, 0.2, rng.uniform(0.3, 0.5))
        return {"normal": colours[labels].transpose(2, 0, 1).astype(np.float32), "labels": labels}


def batch(count: int) -> dict[str, torch.Tensor]:
    items = [Halves()[index] for index in range(count)]
    return {name: torch.from_numpy(np.stack([item[name] for item in items])) for name in Halves.names}


def test_learns_parts_and_colours_and_ships_what_the_head_loads(tmp_path: Path) -> None:
    torch.manual_seed(0)
    task = FeaturesTask({"type": "small_features", "widths": [8, 8, 16, 16]}, Halves())
    before = task.eval().evaluate(Halves(), "cpu", batch_size=4)
    optimizer = torch.optim.Adam(task.train().parameters(), 3e-3)
    for _ in range(80):
        terms = task.loss(batch(5))
        optimizer.zero_grad()
        torch.stack(list(terms.values())).sum().backward()
        optimizer.step()
    after = task.eval().evaluate(Halves(), "cpu", batch_size=4)
    assert set(terms) == {"parsing", "reconstruction"}
    assert after["miou"] > max(0.9, before["miou"])
    assert after["reconstruction_psnr"] > before["reconstruction_psnr"] + 5
    save_file(task.state(), tmp_path / "features.safetensors")
    head = SmallFeatures(tmp_path / "features.safetensors", widths=[8, 8, 16, 16])
    image = batch(1)["normal"]
    torch.testing.assert_close(head(image, "relu4_3"), task.network(image, "relu4_3"))


def test_targets_are_shares_and_averages() -> None:
    labels = torch.zeros(1, 16, 16, dtype=torch.int64)
    labels[0, :4, :8] = 3
    image = torch.zeros(1, 3, 16, 16)
    image[0, 0, :4, :8] = 1.0
    shares, low_pass = targets(labels, image, (2, 2))
    assert shares[0, 3].tolist() == [[0.5, 0.0], [0.0, 0.0]]
    assert torch.equal(shares.sum(1), torch.ones(1, 2, 2))
    assert low_pass[0, 0].tolist() == [[0.5, 0.0], [0.0, 0.0]]


def test_needs_labels() -> None:
    class Unlabelled(Halves):
        names = ("normal",)

    with pytest.raises(DataError, match="'labels'"):
        FeaturesTask({"type": "small_features"}, Unlabelled())
