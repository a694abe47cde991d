from __future__ import annotations

import pytest
import torch

from lowface_core.testing import tiny_batch
from lowface_night.noise_level import noise_level


@pytest.mark.parametrize("std", [0.005, 0.02, 0.1])
def test_the_standard_deviation_of_noise_is_found(std: float):
    torch.manual_seed(0)
    ramp = torch.linspace(0, 1, 128) * torch.linspace(0, 1, 128)[:, None]  # smooth and no noise
    image = (ramp + torch.zeros(2, 3, 1, 1)).double()
    image = image + std * torch.randn_like(image)
    assert noise_level(image).tolist() == pytest.approx([std, std], rel=0.06)


def test_a_clean_picture_has_little_and_a_flat_one_none():
    assert float(noise_level(tiny_batch(96, 96, 2)["normal"]).max()) < 0.02
    assert float(noise_level(torch.full((1, 3, 40, 40), 0.3)).max()) < 1e-6


def test_large_pictures_are_sampled():
    torch.manual_seed(0)
    image = 0.03 * torch.randn(1, 3, 700, 900)
    assert float(noise_level(image)) == pytest.approx(0.03, rel=0.06)
