"""Each check of the suite for enhancers fails on an enhancer that breaks its rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lowface_core.testing import EnhancerContract
from tests.lowface_core.testing.conftest import Shown, broken


class Good(nn.Module):
    """One convolution and a sigmoid."""

    outputs = ("enhanced", "illumination")
    receptive_radius = 1

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, low: Tensor) -> Any:
        enhanced = torch.sigmoid(self.convolution(low))
        return {"enhanced": enhanced, "illumination": enhanced.mean(1, keepdim=True)}


def enhancer(change: Callable[[Tensor], Any]) -> type:
    """The good enhancer, its ``enhanced`` passed through ``change``."""

    def forward(self: Any, low: Tensor) -> Any:
        return change(Good.forward(self, low)["enhanced"])

    return broken(Good, forward=forward, outputs=("enhanced",), receptive_radius=None)


class Unused(Good):
    def __init__(self) -> None:
        super().__init__()
        self.spare = nn.Conv2d(3, 3, 1)


class SeesTooFar(Good):
    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 3, 9, padding=4)


class Denoiser(nn.Module):
    """Outputs that add up to the input: their plain sum would have no gradient."""

    outputs = ("enhanced", "noise")

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, low: Tensor) -> dict[str, Tensor]:
        noise = self.convolution(low)
        return {"enhanced": low - noise, "noise": noise}


class DrawsWithoutSeed(Good):
    def __init__(self) -> None:
        super().__init__()
        nn.init.normal_(self.convolution.bias, generator=torch.Generator().manual_seed(torch.seed()))


class Halves(Good):
    """Its scale is no part of the state dict."""

    count = 0

    def __init__(self) -> None:
        super().__init__()
        Halves.count += 1
        self.scale = 1 / Halves.count

    def forward(self, low: Tensor) -> Any:
        return {"enhanced": super().forward(low)["enhanced"] * self.scale, "illumination": low}


class RootOfNothing(Good):
    """The slope of the root is infinite on black pictures."""

    def forward(self, low: Tensor) -> Any:
        bend = F.conv2d(low, self.convolution.weight, padding=1).square().sqrt()
        return {"enhanced": bend.clamp(0, 1), "illumination": low}


def darken(self: Any, low: Tensor) -> Any:
    return Good.forward(self, low.mul_(0.5))


BROKEN = [
    ("is_a_module", lambda: lambda low: low, "it is function; derive it"),
    ("returns_a_picture", enhancer(lambda x: {"picture": x}), "returns dict without 'enhanced'"),
    ("returns_a_picture", enhancer(lambda x: x.mean(1)), "enhanced is (3, 32, 32), the picture (3, 3"),
    ("returns_a_picture", enhancer(lambda x: x * 3), "enhanced reaches from"),
    ("returns_a_picture", enhancer(lambda x: x.double()), "enhanced is torch.float64"),
    ("returns_a_picture", enhancer(lambda x: x / 0), "enhanced is not finite"),
    ("outputs_are_as_announced", enhancer(lambda x: {"enhanced": x, "map": x}), "forward gives enhanced, map"),
    ("odd_sizes", enhancer(lambda x: F.interpolate(x, size=32)), "the picture (2, 3, 16"),
    ("odd_sizes", enhancer(lambda x: x.unflatten(2, (-1, 8)).flatten(2, 3)), "it fails"),
    ("black_and_white_pictures", RootOfNothing, "the gradient of convolution.weight is not finite"),
    ("every_parameter_trains", Unused, "no gradient reaches spare.weight, spare.bias"),
    ("every_parameter_trains", enhancer(lambda x: x.round()), "all gradients are zero"),
    ("pictures_do_not_see_each_other", enhancer(lambda x: x / x.max()), "alone gives another result"),
    ("is_deterministic", enhancer(lambda x: x * torch.rand(())), "another result"),
    ("is_deterministic", DrawsWithoutSeed, "draw first weights from torch's generator"),
    ("leaves_its_inputs_alone", broken(Good, forward=darken), "it changes its input"),
    ("state_dict_round_trip", broken(Good, {"kept": torch.ones(3)}), "kept is a tensor kept as a plain attribute"),
    ("state_dict_round_trip", Halves, "after a round trip through state_dict() it gives another result"),
    ("moves_to_another_device", enhancer(lambda x: x * torch.ones(3, 1, 1)), "mul met a tensor of shape (3, 1, 1) on"),
    ("moves_to_another_device", enhancer(lambda x: x.cpu()), "enhanced is on cpu, the pictures"),
    (
        "smooth_leads_from_one_context_to_the_next",
        broken(
            Good, context=lambda self, low: low.mean((1, 2, 3)), smooth=lambda self, previous, context, weight: previous
        ),
        "smooth() with weight 1 gives another context",
    ),
    ("for_inference_gives_the_same", broken(Good, for_inference=lambda self: nn.Identity()), "gives another result"),
    ("receptive_radius_holds", SeesTooFar, "a pixel changes the result 4 pixels away, receptive_radius is 1"),
]


class TestEnhancerSuite(Shown):
    contract = EnhancerContract
    broken = BROKEN
    good = (Good,)


def test_outputs_that_add_up_to_the_input_train(suite: Callable[..., Any]) -> None:
    suite(EnhancerContract, Denoiser).test_every_parameter_trains()


def test_what_is_meant_can_be_declared(suite: Callable[..., Any]) -> None:
    suite(EnhancerContract, Unused, unused=("spare.weight", "spare.bias")).test_every_parameter_trains()
    with pytest.raises(pytest.skip.Exception, match="has no parameters"):
        suite(EnhancerContract, nn.Sigmoid).test_every_parameter_trains()
