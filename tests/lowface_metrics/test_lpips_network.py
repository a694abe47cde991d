"""The bare halves of LPIPS: torchvision's and the lpips package's layouts."""

from __future__ import annotations

import pytest
import torch
import torchvision

from lowface_metrics.lpips import packaged_linear
from lowface_metrics.lpips_network import NETS, Calibration, LPIPSNetwork, Trunk


@pytest.mark.parametrize("net", NETS)
def test_keys_and_shapes_are_torchvisions(net: str) -> None:
    with torch.device("meta"):
        whole = {"alex": torchvision.models.alexnet, "vgg": torchvision.models.vgg16}[net](weights=None)
    want = {k: tuple(v.shape) for k, v in whole.state_dict().items() if k.startswith("features.")}
    assert {k: tuple(v.shape) for k, v in Trunk(net).state_dict().items()} == want


@pytest.mark.parametrize("net", NETS)
def test_calibration_is_the_packages(net: str) -> None:
    pytest.importorskip("lpips")
    file = torch.load(packaged_linear(net), map_location="cpu", weights_only=True)
    state = Calibration(NETS[net][1]).state_dict()
    assert {k: tuple(v.shape) for k, v in state.items()} == {k: tuple(v.shape) for k, v in file.items()}


def test_it_is_built_without_memory_on_the_meta_device() -> None:
    with torch.device("meta"):
        assert all(p.is_meta for p in LPIPSNetwork("vgg").parameters())
    assert not any(p.is_meta for p in LPIPSNetwork("alex").parameters())


def test_features_have_unit_length() -> None:
    trunk = Trunk("alex")
    with torch.no_grad():
        for parameter in trunk.parameters():
            torch.nn.init.normal_(parameter, std=0.1)
        maps = trunk(torch.rand(1, 3, 64, 48))
    assert [m.shape[1] for m in maps] == list(NETS["alex"][1])
    for one in maps:
        length = one.square().sum(1).sqrt()
        assert ((length - 1).abs().lt(1e-3) | length.eq(0)).all()
