"""Each check of the suite for heads fails on a head that breaks its rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from lowface_core.step.feature_head import FeatureHead
from lowface_core.testing import FakeFace, FakeFeatures, FakeParser, HeadContract
from lowface_core.weights.state_dict import load_weights
from tests.lowface_core.testing.conftest import Shown, broken


class Good(nn.Module):
    """The mean colour, mixed; reads landmarks where there are some."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Linear(3, 4)
        nn.init.constant_(self.mix.weight, 0.3)
        nn.init.zeros_(self.mix.bias)

    def forward(self, image: Tensor, *, landmarks: Tensor | None = None) -> Mapping[str, Tensor]:
        return {"colour": self.mix(image.mean((2, 3)))}


def head(change: Callable[..., Any]) -> type:
    """The good head on the picture passed through ``change``, or what ``change`` gives itself for the picture."""
    return broken(Good, forward=lambda self, image: colour(self, change(image)))


def answer(change: Callable[..., Any]) -> type:
    """The good head, its answer passed through ``change``."""
    return broken(Good, forward=lambda self, image: change(colour(self, image)))


def colour(self: Any, image: Tensor) -> Tensor:
    return self.mix(image.mean((2, 3)))


class Counts(Good):
    """Keeps running statistics in whatever mode."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("seen", torch.zeros(()))

    def forward(self, image: Tensor) -> Any:
        self.seen += 1
        return colour(self, image)


class Random(Good):
    def __init__(self) -> None:
        super().__init__()
        nn.init.normal_(self.mix.weight)


class Defaulting(Good):
    def __init__(self, weights: str | None = None) -> None:
        super().__init__()


class TwoFaced(Good):
    """A scale that no state dict carries."""

    builds = 0

    def __init__(self) -> None:
        super().__init__()
        TwoFaced.builds += 1
        self.scale = 1 / TwoFaced.builds

    def forward(self, image: Tensor) -> Any:
        return colour(self, image) * self.scale


class Steps(FeatureHead):
    """A ladder of sums; a subclass breaks a rung."""

    layers = ("low", "high")

    def prepare(self, image: Tensor) -> Tensor:
        return image

    def climb(self, rung: int, x: Tensor) -> Tensor:
        return x + 1


class Flat(Steps):
    def climb(self, rung: int, x: Tensor) -> Tensor:
        return x.mean((2, 3)) if rung == 0 else x


class Forgetful(Steps):
    """What a rung gives depends on how often it was climbed."""

    climbed = 0

    def climb(self, rung: int, x: Tensor) -> Tensor:
        self.climbed += 1
        return x * self.climbed


def thawing(self: Any, image: Tensor) -> Tensor:
    self.mix.weight.requires_grad_(True)
    return colour(self, image)


def waking(self: Any, image: Tensor) -> Tensor:
    self.training = True
    return colour(self, image)


def unprepared(self: Any, image: Tensor) -> Any:
    return FakeFace.forward(self, image)


BROKEN = [
    ("is_a_module", lambda: lambda image: image, "it is function; derive it from torch.nn.Module"),
    ("reads_names_that_a_step_offers", broken(Good, forward=lambda self, image, *, depth: image), "reads depth"),
    ("answers_with_finite_numbers", answer(torch.log), "for black pictures the output is not finite"),
    ("weights_are_never_random", Random, "its weights depend on the seed, so it is silently untrained"),
    ("weights_are_never_random", Defaulting, "weights has the default None, so it can be built untrained"),
    ("stays_frozen", Counts, "a call changes its state: seen"),
    ("stays_frozen", broken(Good, forward=thawing), "mix.weight takes a gradient although frozen"),
    ("stays_frozen", broken(Good, forward=waking), "leaves eval mode"),
    ("gradients_reach_the_picture", head(Tensor.detach), "no part of its answer carries a gradient"),
    ("gradients_reach_the_picture", answer(lambda x: x * 0), "no gradient reaches the picture"),
    ("odd_sizes", head(lambda x: x.unflatten(2, (-1, 16)).flatten(2, 3)), "it fails for 1 pictures of 39x50"),
    ("pictures_do_not_see_each_other", head(lambda x: x / x.mean()), "picture 0 alone gives another result"),
    ("is_deterministic", answer(lambda x: x * torch.rand(())), "another result"),
    ("leaves_its_inputs_alone", head(lambda x: x.mul_(0.5)), "in place"),
    ("layers_are_a_ladder", Flat, "layer 'low' gives (3, 3)"),
    ("layers_are_a_ladder", Forgetful, "is not what it is from the picture"),
    ("layers_are_a_ladder", broken(Steps, layers=("low", "low")), "layers is ('low', 'low')"),
    ("state_dict_round_trip", broken(Good, {"kept": torch.ones(3)}), "kept is a tensor kept as a plain attribute"),
    ("state_dict_round_trip", TwoFaced, "after a round trip through state_dict() it gives another result"),
    ("moves_to_another_device", answer(lambda x: x * torch.ones(4)), "mul met a tensor of shape (4,) on cpu"),
    ("moves_to_another_device", answer(Tensor.cpu), "the output is on cpu, the pictures are elsewhere"),
    ("prepare_for_takes_a_data_set", broken(FakeFace, forward=unprepared), "forward does not take what that makes"),
]


class TestHeadSuite(Shown):
    contract = HeadContract
    broken = BROKEN
    good = (Good, FakeFeatures, FakeParser, FakeFace, Steps)


class Bare(nn.Module):
    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, width, 1)


class Weighted(Bare):
    def __init__(self, weights: str, width: int = 4) -> None:
        super().__init__(width)
        load_weights(self, weights)

    def forward(self, image: Tensor) -> Tensor:
        return self.layer(image)


def test_required_weights_are_made_of_the_bare_network(passes: Callable[..., None]) -> None:
    passes(HeadContract, Weighted, facts={"network": Bare}, arguments={"width": 6})


def test_without_a_bare_network_weights_must_be_given(suite: Callable[..., Any], tmp_path: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match="give weights= in arguments, or register network="):
        suite(HeadContract, Weighted).test_stays_frozen()
    torch.save(Bare().state_dict(), tmp_path / "given.pth")
    suite(HeadContract, Weighted, arguments={"weights": str(tmp_path / "given.pth")}).test_stays_frozen()
