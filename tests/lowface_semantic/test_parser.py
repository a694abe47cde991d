"""Sizes, padding and number formats, around networks whose output is known."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from lowface_core.data.normalise import IMAGENET_MEAN, IMAGENET_STD
from lowface_semantic.network import build_network
from lowface_semantic.parser import Parser


class Recorder(nn.Module):
    """Hands its input on and remembers its shape."""

    def forward(self, x):
        self.shape = tuple(x.shape)
        return x


@pytest.fixture(scope="module")
def small():
    torch.manual_seed(0)
    return Parser(build_network("small")).eval()


@pytest.mark.parametrize("size", [(1, 1), (2, 9), (31, 17), (33, 40), (96, 97)])
def test_any_size(small, size):
    image = torch.rand(2, 3, *size)
    with torch.no_grad():
        logits = small(image)
    assert logits.shape == (2, 11, *size)
    assert logits.isfinite().all()


@pytest.mark.parametrize(("size", "seen"), [((96, 64), (96, 64)), ((97, 1), (104, 8)), ((8, 7), (8, 8))])
def test_padding_to_multiples_of_eight(size, seen):
    network = Recorder()
    image = torch.rand(1, 3, *size)
    out = Parser(network, normalize=False)(image)
    assert network.shape[2:] == seen
    torch.testing.assert_close(out, image)  # padding is cut off again, pixel for pixel


@pytest.mark.parametrize(("size", "seen"), [((200, 100), (64, 32)), ((16, 32), (32, 64)), ((300, 1), (64, 8))])
def test_input_size_is_the_longer_side(size, seen):
    network = Recorder()
    out = Parser(network, input_size=64, normalize=False)(torch.full((1, 3, *size), 0.25))
    assert network.shape[2:] == seen
    torch.testing.assert_close(out, torch.full((1, 3, *size), 0.25))


def test_normalisation():
    image = torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1).expand(1, 3, 8, 8) + torch.tensor(IMAGENET_STD).view(
        1, 3, 1, 1
    )
    torch.testing.assert_close(Parser(nn.Identity())(image), torch.ones(1, 3, 8, 8))


def test_bfloat16_autocast_gives_finite_single_precision(small):
    image = torch.rand(1, 3, 40, 40, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        logits = small(image)
    logits.sum().backward()
    assert logits.dtype == torch.float32
    assert logits.isfinite().all()
    assert image.grad.isfinite().all()


def test_gradient_against_differences():
    torch.manual_seed(0)
    parser = Parser(nn.Conv2d(3, 2, 3, stride=4, padding=1), input_size=12).double()
    image = torch.rand(1, 3, 5, 7, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(parser, (image,))
