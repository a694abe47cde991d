"""Fixtures of the metrics' tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from lowface_core.data.images import list_images, read_image


@pytest.fixture(scope="session")
def faces(shared: Path) -> list[np.ndarray]:
    """Sixteen real pictures, (3,512,512), RGB in [0,1]."""
    return [read_image(path) for path in list_images(shared / "data" / "celeba-face" / "normal")[:16]]


@pytest.fixture
def pair() -> tuple[Tensor, Tensor]:
    """Two pictures of 70x90 pixels and their references: smooth shapes, darkened, with noise."""
    generator = torch.Generator().manual_seed(5)
    coarse = torch.rand(2, 3, 7, 9, generator=generator)
    normal = torch.nn.functional.interpolate(coarse, (70, 90), mode="bicubic").clamp(0, 1)
    noise = 0.05 * torch.randn(normal.shape, generator=generator)
    return (0.4 * normal + noise).clamp(0, 1), normal


@pytest.fixture(scope="session")
def unique_file(layouts: dict, oracle_weights: Callable, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of UNIQUE's released layout, with the weights that the reference arrays were computed with."""
    layout = next(layout for name, layout in layouts.items() if name.startswith("unique.pt"))
    state = oracle_weights({key: torch.zeros(shape) for key, shape in layout.items()})
    path = tmp_path_factory.mktemp("unique") / "unique.pt"
    torch.save({f"module.{key}": value for key, value in state.items()}, path)
    return path


@pytest.fixture(scope="session")
def inception(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn weights of torch-fidelity's Inception, scaled so that its features differ from picture to picture."""
    pytest.importorskip("torch_fidelity")
    from lowface_metrics.inception import bare_inception

    state = bare_inception().state_dict()
    generator = torch.Generator().manual_seed(0)
    for value in state.values():
        if value.ndim == 4:
            value.copy_(torch.randn(value.shape, generator=generator) * (2 / value[0].numel()) ** 0.5)
    path = tmp_path_factory.mktemp("inception") / "inception.pth"
    torch.save(state, path)
    return path
