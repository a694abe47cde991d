from __future__ import annotations

import itertools

import pytest
import torch
from torch import nn

from lowface_retinex.enhance_net import EnhanceNet
from lowface_retinex.folded_net import FoldedEnhanceNet, FoldedPair

SIZES = [(1, 1), (1, 6), (2, 2), (3, 3), (4, 2), (5, 37), (64, 33)]


def drawn(**options: object) -> EnhanceNet:
    """With weights as large as those of a trained network, so that the border counts."""
    torch.manual_seed(0)
    return EnhanceNet(**options, init="he").eval().requires_grad_(False)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", SIZES)
def test_two_convolutions_are_one_up_to_the_border(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    first, second = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 5, 3, padding=1)
    x = torch.randn(2, 3, *size)
    with torch.no_grad():
        torch.testing.assert_close(FoldedPair(first, second)(x), second(first(x)), rtol=0, atol=1e-6)


@pytest.mark.parametrize(("channels", "size"), [*itertools.product([16], SIZES), (64, (41, 50)), (1, (9, 9))])
def test_the_whole_picture_is_the_same(channels: int, size: tuple[int, int]) -> None:
    net = drawn(channels=channels)
    low = torch.rand(2, 3, *size)
    with torch.no_grad():
        expected, given = net(low), net.for_inference()(low)
    assert set(given) == {"enhanced", "illumination"}
    assert float(given["illumination"].std()) > 0.01 or size == (1, 1)
    for name in given:
        torch.testing.assert_close(given[name], expected[name], rtol=0, atol=1e-5)


@pytest.mark.parametrize("residual", ["max", "bound", "none"])
def test_one_map_of_illumination_too(residual: str) -> None:
    net = drawn(channels=8, illumination_channels=1, residual=residual)
    low = torch.rand(1, 3, 20, 21)
    with torch.no_grad():
        torch.testing.assert_close(net.for_inference()(low), net(low), rtol=0, atol=1e-5)


def test_it_multiplies_less() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    net, low, counts = drawn(), torch.rand(1, 3, 128, 128), []
    for each in (net, FoldedEnhanceNet(net)):
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            each(low)
        counts.append(counter.get_total_flops())
    assert counts[1] < 0.7 * counts[0]  # 0.62, and the border


def test_the_network_itself_is_left_alone() -> None:
    net = drawn(channels=4)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    net.for_inference()
    assert net.state_dict().keys() == before.keys()
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
