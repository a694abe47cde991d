"""The gamma curve."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import lowface_core as lf
from lowface_core.data.images import read_image, write_image
from lowface_core.errors import ConfigError
from lowface_core.inference import LoadedEnhancer, load_enhancer


def test_the_curve() -> None:
    low = torch.tensor([0.0, 0.1, 0.5, 1.0]).reshape(1, 1, 2, 2).expand(1, 3, 2, 2)
    enhanced = lf.build("enhancer", "gamma", gamma=0.5)(low)["enhanced"]
    assert torch.allclose(enhanced[0, 0].flatten(), torch.tensor([0.0, 0.1**0.5, 0.5**0.5, 1.0]))
    assert torch.equal(lf.build("enhancer", "gamma", gamma=1.0)(low)["enhanced"], low)


def test_loads_by_name_and_tiles_exactly() -> None:
    low = torch.rand(1, 3, 70, 45, generator=torch.Generator().manual_seed(0))
    network = load_enhancer("gamma")
    assert torch.equal(LoadedEnhancer(network.enhancer, tile=32)(low), network(low))
    assert torch.allclose(network(low), low**0.4)


def test_enhances_from_the_command_line(lowface: Callable[..., Any], tmp_path: Path) -> None:
    write_image(tmp_path / "dark.png", np.full((3, 8, 9), 10 / 255, np.float32))
    said = lowface("enhance", "dark.png", "-o", "bright.png", "--checkpoint", "gamma")
    assert said.code == 0, said.err
    assert read_image(tmp_path / "bright.png").mean() == pytest.approx((10 / 255) ** 0.4, abs=1 / 255)


def test_another_exponent_by_name() -> None:
    low = torch.full((1, 3, 2, 2), 0.3)
    assert torch.allclose(load_enhancer("gamma", {"gamma": 0.6})(low), low**0.6)
    with pytest.raises(ConfigError, match="takes no such keyword; did you mean 'gamma'"):
        load_enhancer("gamma", {"gama": 0.6})
