"""The small feature network: layer names of VGG-16, size, loading."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from lowface_core.errors import WeightsError
from lowface_fidelity.small_features import SmallFeatures, SmallFeaturesNet


def test_has_the_layers_that_the_losses_ask_for() -> None:
    network = SmallFeaturesNet()
    assert {"relu1_2", "relu2_2", "relu3_3", "relu4_3"} <= set(network.layers)
    assert network(torch.rand(1, 3, 96, 96), "relu4_3").shape == (1, 80, 12, 12)
    assert 200_000 < sum(parameter.numel() for parameter in network.parameters()) < 300_000


def test_loads_its_own_state(tmp_path: Path) -> None:
    network = SmallFeaturesNet((2, 3, 4, 5))
    torch.save(network.state_dict(), tmp_path / "features.pth")
    image = torch.rand(2, 3, 17, 9)
    head = SmallFeatures(tmp_path / "features.pth", widths=[2, 3, 4, 5])
    torch.testing.assert_close(head(image, "relu4_3"), network(image, "relu4_3"))
    with pytest.raises(WeightsError, match="does not fit"):
        SmallFeatures(tmp_path / "features.pth")
