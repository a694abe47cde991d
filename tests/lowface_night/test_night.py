from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import lowface_core as lf
from lowface_core.inference import enhance_pixels
from lowface_core.step.loaded_enhancer import LoadedEnhancer
from lowface_core.testing import tiny_batch, tiny_dataset
from lowface_night import denoiser
from lowface_night.night import Night


def _stirred(size: str) -> Night:
    """A network whose every part has an effect, as after training."""
    torch.manual_seed(0)
    network = Night(size).eval()  # type: ignore[arg-type]
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
    return network.requires_grad_(False)


@pytest.mark.parametrize(("size", "most"), [("small", 60_000), ("base", 500_000)])
def test_sizes_keep_to_their_parameters(size: str, most: int):
    assert most / 2 < sum(p.numel() for p in Night(size).parameters()) <= most  # type: ignore[arg-type]


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (2, 3), (17, 16), (33, 47)])
def test_any_size_will_do(shape: tuple[int, int]):
    out = _stirred("small")(torch.rand(2, 3, *shape) * 0.1)
    assert out["enhanced"].shape == (2, 3, *shape)
    assert out["illumination"].shape == (2, 1, *shape)
    assert float(out["illumination"].min()) > 0


@pytest.mark.parametrize("size", [(80, 70), (129, 64), (200, 144)])
def test_tiles_are_exact_though_the_exposure_is_that_of_the_whole_picture(size: tuple[int, int]):
    network = _stirred("small")
    # left half darker: a tile that judged by itself would come out brighter
    low = torch.rand(1, 3, *size) * torch.linspace(0.02, 0.2, size[1])
    whole = LoadedEnhancer(network, tile=1024)(low)
    tiled = LoadedEnhancer(network, tile=64)(low)
    torch.testing.assert_close(tiled, whole, rtol=0, atol=1e-6)
    alone = network(low[..., :32])["enhanced"]
    assert float((alone - whole[..., :32]).abs().mean()) > 0.05


@pytest.mark.parametrize("size", [(80, 70), (131, 259), (30, 200)])
def test_a_picture_seen_by_rows_is_judged_as_a_whole_one(size: tuple[int, int]):
    network = _stirred("small")
    low = torch.rand(1, 3, *size) * torch.linspace(0.02, 0.2, size[1])
    whole = network.context(low)
    place = network.context_by_rows(lambda top, bottom: low[:, :, top:bottom], *size)(slice(5, 29), slice(33, 70))
    assert place.keys() == whole.keys()
    for name, value in whole.items():
        wanted = value[:, :, 5:29, 33:70] if name == "light" else value
        torch.testing.assert_close(place[name], wanted, rtol=0, atol=1e-6)


def test_a_large_picture_of_bytes_is_the_same_tile_by_tile(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(denoiser, "BAND", 16)
    network, low = _stirred("small"), np.random.default_rng(0).random((3, 147, 90), np.float32) * 0.2
    whole = LoadedEnhancer(network, tile=1024)(torch.from_numpy(low)[None])[0].numpy()
    tiled = enhance_pixels(low, LoadedEnhancer(network, tile=64))
    assert np.abs(tiled - whole).max() <= 1e-6
    levels = np.rint(low * 255).astype(np.uint8)
    gaps = enhance_pixels(levels, LoadedEnhancer(network, tile=64)).astype(int) - enhance_pixels(levels, network)
    assert np.abs(gaps).max() <= 1  # where a value lies between two levels


def test_the_stated_radius_holds_at_every_place_of_the_grid():
    network = _stirred("small").double()
    low = torch.rand(1, 3, 16, 16 * 23, dtype=torch.float64) * 0.2
    context = network.context(low)
    before = network(low, context)["enhanced"]
    for column in range(176, 192):
        other = low.clone()
        other[..., column] = 1 - other[..., column]
        changed = (network(other, context)["enhanced"] - before).abs().amax((0, 1, 2)).nonzero()[:, 0]
        assert int((changed - column).abs().max()) <= network.receptive_radius


def test_an_untrained_network_is_a_gain_to_medium_grey():
    batch = tiny_batch(64, 64, 2)
    out = Night("small").eval().requires_grad_(False)(batch["low"])["enhanced"]
    assert out.mean((1, 2, 3)).tolist() == pytest.approx([0.43, 0.43], abs=0.05)
    wanted = batch["low"] * 0.43 / batch["low"].mean((1, 2, 3), keepdim=True)
    assert float((out - wanted).abs().mean()) < 0.03


def test_a_bright_clean_picture_comes_back_as_it_is():
    network = _stirred("small")
    rendered = lf.build("dataset", "rendered_faces", size=160, identities=4, pictures=1)
    bright = torch.stack([torch.as_tensor(item["normal"]) for item in rendered.gallery()])
    bright = bright[bright.mean((1, 2, 3)) > 0.43]
    assert len(bright) > 1
    assert torch.equal(network(bright)["enhanced"], bright)


def test_a_bright_noisy_picture_is_worked_on():
    bright = torch.stack([torch.as_tensor(item["normal"]) for item in tiny_dataset(2).gallery()])
    noisy = (bright + 0.06 * torch.randn_like(bright)).clamp(0, 1)
    assert float(Night("small").context(noisy)["keep"].max()) == 0


def test_no_hue_is_invented_nor_bleached():
    """Whatever the denoiser says, grey stays grey, and an evenly coloured picture keeps its colour and brightness."""
    denoiser = _stirred("small").denoiser
    nn.init.normal_(denoiser.unet.last.weight, std=0.1)
    luma = 0.5 + 0.05 * torch.randn(1, 1, 64, 64)
    chroma = torch.tensor([0.2, -0.05, -0.15]).view(1, 3, 1, 1)
    gain, noise = torch.ones(1, 1, 64, 64), torch.full((1, 1, 1, 1), 0.02)
    for wanted in (0 * chroma, chroma):
        out = denoiser(luma + wanted, gain, noise)
        found = out - out.mean(1, keepdim=True)
        torch.testing.assert_close(found, wanted.expand_as(found), rtol=0, atol=1e-5)
        gap = torch.nn.functional.avg_pool2d(out.mean(1, keepdim=True) - luma, 32)
        assert float(gap.abs().max()) < 0.02  # while noise of 0.05 was changed everywhere
