"""Enhance-Net against the released network's weights and outputs, and what a shared illumination promises."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from lowface_core.errors import ConfigError
from lowface_core.weights.state_dict import load_weights
from lowface_retinex.enhance_net import EnhanceNet


def test_outputs_are_those_of_the_released_network(shared: Path, tmp_path: Path) -> None:
    oracle = np.load(shared / "oracle" / "enhance_net.npz")
    state = {key[2:]: torch.from_numpy(oracle[key]) for key in oracle.files if key.startswith("w/")}
    torch.save(state, tmp_path / "Low-FaceNet.pth")
    net = EnhanceNet()
    load_weights(net, tmp_path / "Low-FaceNet.pth")
    with torch.no_grad():
        out = net(torch.from_numpy(oracle["input"]).permute(0, 3, 1, 2))
    for name in net.outputs:
        torch.testing.assert_close(out[name].numpy(), oracle[name], atol=1e-5, rtol=0)


def test_layout_is_that_of_the_released_checkpoint(shared: Path) -> None:
    layout = json.loads((shared / "oracle" / "checkpoint_layouts.json").read_text())["Low-FaceNet.pth"]
    assert {key: list(value.shape) for key, value in EnhanceNet().state_dict().items()} == layout


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (5, 3), (33, 20)])
@pytest.mark.parametrize("illumination_channels", [1, 3])
def test_any_size(size: tuple[int, int], illumination_channels: int) -> None:
    out = EnhanceNet(channels=4, illumination_channels=illumination_channels)(torch.rand(2, 3, *size))
    assert out["enhanced"].shape == (2, 3, *size)
    assert out["illumination"].shape == (2, illumination_channels, *size)


@pytest.mark.parametrize("residual", ["max", "bound"])
@pytest.mark.parametrize("init", ["released", "he"])
def test_shared_illumination_changes_neither_hue_nor_clips(init: str, residual: str) -> None:
    torch.manual_seed(0)
    net = EnhanceNet(8, illumination_channels=1, residual=residual, init=init, start=1e-3)  # almost no net at all
    net = net.double().requires_grad_(False)
    low = torch.rand(2, 3, 12, 12, dtype=torch.float64) * 0.3
    enhanced = net(low)["enhanced"]
    assert float(enhanced.mean()) > 2 * float(low.mean())
    torch.testing.assert_close(enhanced * low[:, :1], enhanced[:, :1] * low)
    assert float(enhanced.max()) <= 1


def test_bound_is_a_constant_gain_where_the_picture_is_darker() -> None:
    torch.manual_seed(0)
    net = EnhanceNet(8, illumination_channels=1, residual="bound", start=0.5).requires_grad_(False)
    low = torch.rand(1, 3, 8, 8) * 0.3
    low[..., 4, 4] = 0.9
    out = net(low)
    dark = low.amax(1, keepdim=True) < 0.4
    torch.testing.assert_close(out["illumination"][dark], net.net(low)[dark])
    assert float(out["illumination"][0, 0, 4, 4]) == pytest.approx(0.9)


def test_three_channels_may_clip_and_stay_in_range() -> None:
    net = EnhanceNet(channels=4, residual="none", start=0.01)
    low = torch.tensor([0.0, 0.005, 1.0]).view(1, 3, 1, 1).expand(1, 3, 4, 4)
    out = net(low)
    assert float(out["enhanced"].detach().max()) == 1.0
    assert float(out["enhanced"].detach().min()) == 0.0


def test_illumination_stays_within_floor_and_one() -> None:
    low = torch.cat([torch.zeros(1, 3, 4, 4), torch.ones(1, 3, 4, 4)])
    illumination = EnhanceNet(channels=4, floor=0.2, start=0.01)(low)["illumination"].detach()
    assert float(illumination.min()) == pytest.approx(0.2)
    assert float(illumination.max()) == 1.0


def test_released_initialisation() -> None:
    torch.manual_seed(0)
    net = EnhanceNet()
    for key, value in net.state_dict().items():
        if key.endswith("weight") and value.numel() > 10_000:
            assert float(value.std()) == pytest.approx(0.02, rel=0.05), key


def test_start_is_what_the_network_answers_first() -> None:
    torch.manual_seed(0)
    net = EnhanceNet(channels=16, illumination_channels=1, start=0.1)
    answer = net.net(torch.rand(1, 3, 16, 16) * 0.3).detach()
    assert float(answer.mean()) == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize("init", ["released", "he"])
def test_every_parameter_gets_a_finite_gradient(init: str) -> None:
    torch.manual_seed(0)
    net = EnhanceNet(channels=8, illumination_channels=1, init=init)
    net(torch.rand(1, 3, 16, 16) * 0.3)["enhanced"].mean().backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None, name
        assert bool(parameter.grad.isfinite().all()), name
    assert float(net.conv[0].weight.grad.abs().sum()) > 0


def test_half_precision_stays_near() -> None:
    torch.manual_seed(0)
    net = EnhanceNet(channels=8, illumination_channels=1, init="he")
    low = torch.rand(1, 3, 16, 16) * 0.3
    with torch.autocast("cpu", dtype=torch.bfloat16):
        out = net(low)
    assert out["enhanced"].dtype == torch.float32
    torch.testing.assert_close(out["enhanced"], net(low)["enhanced"], atol=0.05, rtol=0.05)
    out["enhanced"].mean().backward()
    assert all(bool(parameter.grad.isfinite().all()) for parameter in net.parameters())


def test_one_channel_of_illumination_cannot_be_added_to_three() -> None:
    with pytest.raises(ConfigError, match='residual="max"') as caught:
        EnhanceNet(illumination_channels=1, residual="input")
    assert "\n" not in str(caught.value)
