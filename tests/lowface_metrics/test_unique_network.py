"""The UNIQUE network against arrays computed by the released code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from lowface_core.weights.state_dict import load_weights
from lowface_metrics.unique_network import UniqueNetwork


def test_layout_is_the_released_one(layouts: dict) -> None:
    want = next(layout for name, layout in layouts.items() if name.startswith("unique.pt"))
    with torch.device("meta"):
        state = UniqueNetwork().state_dict()
    assert {key: list(value.shape) for key, value in state.items()} == want


def test_equals_the_released_network(shared: Path, unique_file: Path) -> None:
    with np.load(shared / "oracle" / "unique_network.npz") as arrays:
        x, want = torch.from_numpy(arrays["input"]), [arrays["mean"], arrays["std"]]
    network = UniqueNetwork().eval()
    load_weights(network, unique_file)
    with torch.no_grad():
        got = network(x)
    for ours, theirs in zip(got, want, strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-4, atol=1e-5)
