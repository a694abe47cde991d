"""The learnt baselines give what the authors' code gives with the authors' weights, whatever size and batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import lowface_core as lf

#: Array of the reference, enhancer, checkpoint, keywords, tolerance.
PUBLISHED: dict[str, tuple[str, str, dict[str, Any], float]] = {
    "zero_dce": ("zero_dce", "zero_dce_epoch99.pth", {}, 1e-4),
    "zero_dcepp_x12_cropped": ("zero_dcepp", "zero_dcepp_epoch99.pth", {}, 1e-4),
    "scl_lle": ("scl_lle", "scl_lle.pth", {}, 1e-4),
    "sci_easy": ("sci", "sci_easy.pt", {}, 1e-4),
    "sci_medium": ("sci", "sci_medium.pt", {}, 1e-4),
    "sci_difficult": ("sci", "sci_difficult.pt", {}, 1e-4),
}


@pytest.fixture(scope="module")
def reference(shared: Path) -> dict[str, Tensor]:
    """Input and outputs of the released code, (2,3,96,96) each."""
    with np.load(shared / "oracle" / "baselines.npz") as held:
        return {key: torch.from_numpy(held[key]).permute(0, 3, 1, 2) for key in held.files}


@pytest.fixture(params=PUBLISHED)
def published(request: pytest.FixtureRequest, shared: Path) -> tuple[str, nn.Module]:
    """Name of the reference array, and the enhancer with the published weights."""
    name, file, options, _ = PUBLISHED[request.param]
    options = {k: str(shared / "weights" / v) if k == "relight" else v for k, v in options.items()}
    built = lf.build("enhancer", name, weights=str(shared / "weights" / file), **options)
    return request.param, built.eval().requires_grad_(False)


def test_pixels_are_those_of_the_released_code(published: tuple[str, nn.Module], reference: dict[str, Tensor]) -> None:
    array, enhancer = published
    enhanced = enhancer(reference["input"])["enhanced"]
    # the released code of RUAS writes values outside [0,1] and cuts them when it saves the picture
    assert float((enhanced - reference[array].clamp(0, 1)).abs().max()) <= PUBLISHED[array][3]
