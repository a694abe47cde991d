"""Half-size pictures, and the losses that learn from two of them."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from lowface_core.config.load import load
from lowface_core.errors import DataError
from lowface_core.train.trainer import train
from lowface_night.neighbor2neighbor import Neighbor2NeighborLoss
from lowface_night.sub_images import NeighbourPairs, diagonals, in_the_light_of
from lowface_night.zero_shot_noise2noise import ZeroShotNoise2NoiseLoss

LOSSES = (Neighbor2NeighborLoss, ZeroShotNoise2NoiseLoss)


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def test_of_each_cell_two_pixels_that_touch() -> None:
    height, width = 150, 131
    place = torch.stack(torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij"))[None].float()
    first, second = NeighbourPairs()(place)
    assert first.shape == second.shape == (1, 2, 75, 65)
    cell = torch.stack(torch.meshgrid(torch.arange(75), torch.arange(65), indexing="ij"))[None]
    assert torch.equal(first // 2, cell)
    assert torch.equal(second // 2, cell)
    assert ((first - second).abs().sum(1) == 1).all()  # along an edge, not across
    kinds = {tuple(kind) for kind in torch.cat([first % 2, second % 2], 1).flatten(2)[0].T.tolist()}
    assert len(kinds) == 8


def test_diagonals_are_means_of_two() -> None:
    picture = torch.tensor([[1.0, 2, 9], [3, 4, 9], [9, 9, 9]])[None, None]
    first, second = diagonals(picture)
    assert (first.tolist(), second.tolist()) == ([[[[2.5]]]], [[[[2.5]]]])
    picture[..., 0, 0] = 5
    assert diagonals(picture)[1].tolist() == [[[[4.5]]]]


def test_the_other_half_gets_the_light_and_keeps_its_noise() -> None:
    source, noise = 0.05 + 0.1 * drawn(1, 3, 20, 24), 0.01 * drawn(1, 3, 20, 24, seed=1)
    lit = in_the_light_of(source + noise, source, source * 4)
    torch.testing.assert_close(lit, (source + noise) * 4)


def test_by_hand() -> None:
    """Of a network that changes nothing, only the difference of the halves is left."""
    low = 0.2 + 0.5 * drawn(2, 3, 10, 12)
    first, second = NeighbourPairs()(low)
    value = Neighbor2NeighborLoss()(low, low, lambda picture: picture)
    torch.testing.assert_close(value, (first - second).square().mean())
    first, second = diagonals(low)
    value = ZeroShotNoise2NoiseLoss()(low, low, lambda picture: picture)
    torch.testing.assert_close(value, (first - second).square().mean())


class Averaging(nn.Module):
    """A constant gain, then a learnt average of the neighbourhood, at first little but the pixel itself."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel = nn.Parameter(torch.zeros(25))
        with torch.no_grad():
            self.kernel[12] = 6

    def forward(self, low: Tensor) -> Tensor:
        padded = nn.functional.pad(low * 4, (2, 2, 2, 2), mode="reflect")
        kernel = self.kernel.softmax(0).reshape(1, 1, 5, 5).expand(3, 1, 5, 5)
        return nn.functional.conv2d(padded, kernel, groups=3)


@pytest.mark.parametrize("make", LOSSES)
def test_noise_goes_without_any_clean_picture(make: type[nn.Module]) -> None:
    """Error to the clean picture, which no loss has seen, on pictures that no training has seen."""

    def pictures(seed: int) -> tuple[Tensor, Tensor]:
        clean = nn.functional.interpolate(0.05 + 0.15 * drawn(4, 3, 6, 6, seed=seed), size=48, mode="bicubic")
        noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(seed + 1))
        return clean, clean + 0.02 * noise

    network, loss = Averaging(), make()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.1)
    for step in range(80):
        low = pictures(10 + step % 20)[1]
        optimizer.zero_grad()
        loss(low, network(low), network).backward()
        optimizer.step()
    clean, low = pictures(0)
    before, after = ((made - clean * 4).square().mean() for made in (low * 4, network(low).detach()))
    assert after < 0.35 * before


@pytest.mark.parametrize("make", LOSSES)
def test_a_picture_without_halves_is_refused(make: type[nn.Module]) -> None:
    low = drawn(1, 3, 1, 9)
    with pytest.raises(DataError, match="9x1 pixels has no two halves"):
        make()(low, low, lambda picture: picture)


def test_a_training_hands_its_network_to_the_losses(write_config: Any, tmp_path: Any) -> None:
    losses = {
        "exposure": {"type": "exposure_control", "weight": 1.0},
        "noise": {"type": "neighbor2neighbor", "weight": 1.0},
        "few": {"type": "zero_shot_noise2noise", "weight": 1.0},
    }
    enhancer = {"type": "night", "size": "small"}
    path = write_config(enhancer=enhancer, losses=losses, lr=1e-3, work_dir=str(tmp_path / "run"), log_interval=1)
    train(load(str(path)), "tiny")
    state = torch.load(tmp_path / "run" / "last.pth", weights_only=True)["state_dict"]
    torch.manual_seed(0)
    assert all(value.isfinite().all() for value in state.values())
    lines = (tmp_path / "run" / "metrics.jsonl").read_text()
    assert "loss/noise" in lines
    assert "loss/few" in lines
