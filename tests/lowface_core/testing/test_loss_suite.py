"""Each check of the suite for losses fails on a loss that breaks its rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn

from lowface_core.testing import LossContract
from tests.lowface_core.testing.conftest import Shown, broken


class Good(nn.Module):
    """Mean distance of the enhanced picture from a level, and of its features from the positive's."""

    def __init__(self, level: float = 0.5) -> None:
        super().__init__()
        self.register_buffer("level", torch.tensor(level))
        self.logged: dict[str, Tensor] = {}

    def forward(self, enhanced: Tensor, features: Any, positive: Tensor | None = None) -> Tensor:
        self.logged = {"mean": enhanced.detach().mean()}
        wanted = self.level if positive is None else positive.mean((1, 2, 3), keepdim=True)
        return (enhanced - wanted).square().mean() + features(enhanced, "relu1_1").square().mean()


def loss(forward: Callable[..., Any], keeps: dict[str, Any] | None = None, **methods: Any) -> type[nn.Module]:
    """A loss class with this ``forward``."""
    return broken(nn.Module, keeps, forward=forward, **methods)


def of(change: Callable[[Tensor], Tensor]) -> type[nn.Module]:
    """A loss that is this function of the enhanced pictures."""
    return loss(lambda self, enhanced: change(enhanced))


def mean(self: Any, enhanced: Tensor) -> Tensor:
    return enhanced.mean()


class Plain:
    forward = mean


class CountsCalls(nn.Module):
    calls = 0

    def forward(self, enhanced: Tensor) -> Tensor:
        self.calls += 1
        return enhanced.mean() * self.calls


class KeepsTheHead(nn.Module):
    def forward(self, enhanced: Tensor, features: Any) -> Tensor:
        self.head = features._head
        return enhanced.mean()


def unfreezing(self: Any, enhanced: Tensor, features: Any) -> Tensor:
    features.requires_grad_(True)
    return features(enhanced, "relu1_1").mean()


def logging(self: Any, enhanced: Tensor) -> Tensor:
    self.logged = {"mean": enhanced.mean()}
    return enhanced.mean()


def needing_its_option(self: Any, enhanced: Tensor, positive: Tensor | None = None) -> Tensor:
    return (enhanced - positive).mean()


def spoiling(self: Any, enhanced: Tensor, positive: Tensor) -> Tensor:
    return (enhanced - positive.mul_(0.5)).mean()


def rooted(self: Any, enhanced: Tensor, positive: Tensor) -> Tensor:
    return (enhanced - positive).square().mean((1, 2, 3)).sqrt().mean()


BROKEN = [
    ("is_a_module", Plain, "it is Plain; derive"),
    ("reads_names_that_are_on_offer", loss(lambda self, enhnced: enhnced.mean()), "did you mean 'enhanced'?"),
    ("returns_one_finite_number", of(lambda x: x.mean((1, 2, 3))), "shape (4,), not"),
    ("returns_one_finite_number", of(lambda x: (x - 2).log().mean()), "it returns nan"),
    ("returns_one_finite_number", loss(needing_its_option), "it needs an argument that has a default"),
    ("gradients_reach_the_picture", of(lambda x: x.detach().mean()), "carries no gradient"),
    ("gradients_reach_the_picture", loss(lambda self, low: low.mean()), "reads no output of the enhancer"),
    ("gradients_reach_the_picture", of(lambda x: x.round().mean()), "no gradient reaches"),
    ("black_white_and_equal_pictures", loss(rooted), "for equal pictures its gradient with respect to enhanced is not"),
    ("black_white_and_equal_pictures", of(lambda x: (1 / x.mean((1, 2, 3))).mean()), "black pictures it returns inf"),
    ("odd_sizes", of(lambda x: x.unflatten(2, (-1, 16)).mean()), "it fails for 1 pictures of 23x34"),
    ("odd_sizes", of(lambda x: x.std(0).mean()), "for 1 pictures of 23x34 it returns nan"),
    ("does_not_grow_with_the_batch", of(torch.sum), "a batch given twice costs"),
    ("does_not_grow_with_the_batch", of(lambda x: x.mean().square()), "does not cost the mean of its pictures"),
    ("is_deterministic", of(lambda x: x.mean() * torch.rand(())), "another result"),
    ("is_deterministic", CountsCalls, "another result"),
    ("leaves_its_inputs_alone", loss(spoiling), "it changes its input: positive"),
    ("heads_stay_frozen", loss(unfreezing), "it unfreezes or changes the head 'features'"),
    ("heads_stay_frozen", KeepsTheHead, "calling it adds to its state_dict()"),
    ("state_dict_round_trip", loss(mean, {"kept": torch.ones(3)}), "kept is a tensor kept as a plain attribute"),
    ("state_dict_round_trip", loss(mean, get_extra_state=lambda self: Plain()), "does not survive saving"),
    ("moves_to_another_device", of(lambda x: (x * torch.linspace(0, 1, x.shape[-1])).mean()), "of shape (32,) on cpu"),
    ("moves_to_another_device", of(lambda x: x.cpu().mean()), "the output is on cpu"),
    ("logged_numbers_are_plain", loss(logging), "logged['mean'] is a tensor"),
]


class TestLossSuite(Shown):
    contract = LossContract
    broken = BROKEN
    good = (Good,)
    attributes: ClassVar = {"arguments": {"level": 0.4}}


def test_what_a_loss_is_known_to_do_can_be_declared(suite: Callable[..., Any]) -> None:
    suite(LossContract, of(lambda x: x.mean().square()), batch_independent=False).test_does_not_grow_with_the_batch()
    suite(LossContract, of(lambda x: x.mean() * torch.rand(())), random=True).test_is_deterministic()
    curves = loss(lambda self, curve: curve.mean())

    def names(self: Any, *size: int) -> dict[str, Any]:
        return {**LossContract.names(self, *size), "curve": torch.rand(4, 8)}

    made = suite(LossContract, curves, names=names, trained=("curve",))
    made.test_reads_names_that_are_on_offer()
    made.test_gradients_reach_the_picture()


def test_other_heads_are_supplied_by_their_key(suite: Callable[..., Any]) -> None:
    asks = loss(lambda self, enhanced, judge: judge(enhanced).square().mean())
    made = suite(LossContract, asks)
    with pytest.raises(AssertionError, match="reads 'judge', which nobody supplies"):
        made.test_reads_names_that_are_on_offer()
    made = suite(LossContract, asks, heads=lambda self: {"judge": nn.Conv2d(3, 2, 3)})
    made.test_reads_names_that_are_on_offer()
    made.test_gradients_reach_the_picture()
    made.test_heads_stay_frozen()
