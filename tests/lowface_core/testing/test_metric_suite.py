"""Each check of the suite for metrics fails on a metric that breaks its rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor

from lowface_core.errors import LowfaceError
from lowface_core.testing import MetricContract
from tests.lowface_core.testing.conftest import Shown, broken


class Good:
    """Minus the mean absolute distance from the normal picture."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.total, self.count = 0.0, 0

    def score(self, image: Tensor, normal: Tensor) -> Tensor:
        return -(image - normal).abs().mean((1, 2, 3))

    def update(self, image: Tensor, normal: Tensor) -> dict[str, Tensor] | None:
        scores = self.score(image, normal).double().cpu()
        self.total, self.count = self.total + float(scores.sum()), self.count + len(scores)
        return {"made": scores}

    def compute(self) -> float:
        if not self.count:
            raise LowfaceError("made: there were no pictures; give it some")
        return self.total / self.count

    def state(self) -> dict[str, Any]:
        return {"total": self.total, "count": self.count}

    def load_state(self, state: Mapping[str, Any]) -> None:
        self.total, self.count = state["total"], state["count"]


def metric(**members: Any) -> type:
    return broken(Good, **members)


def scoring(score: Callable[[Tensor, Tensor], Tensor]) -> type:
    """Scores by this function of the pictures and their references."""
    return metric(score=lambda self, image, normal: score(image, normal))


class Shared(Good):
    totals: ClassVar[list[float]] = []

    def reset(self) -> None:
        super().reset()

    def update(self, image: Tensor, normal: Tensor) -> None:
        super().update(image, normal)
        self.totals.append(self.total)

    def compute(self) -> float:
        return sum(self.totals)


class PerBatch(Good):
    def update(self, image: Tensor, normal: Tensor) -> None:
        self.total += float(self.score(image, normal).square().mean().sqrt())
        self.count += 1


def returning(value: Any) -> type:
    return metric(update=lambda self, image, normal: value)


def blind(self: Any, normal: Tensor) -> None:
    Good.update(self, normal, normal)


def spoiling(self: Any, image: Tensor, normal: Tensor) -> None:
    Good.update(self, image.mul_(0.5), normal)


def emptying(self: Any) -> float:
    value = Good.compute(self)
    self.total = 0.0
    return value


def forgetting(self: Any) -> None:
    self.total, self.count = getattr(self, "total", 0.0), getattr(self, "count", 0)


def partly(self: Any, state: Mapping[str, Any]) -> None:
    self.total, self.count = state["total"], 2 * state["count"]


BROKEN = [
    ("has_its_three_methods", metric(reset=None, __init__=lambda self: Good.reset(self)), "it has no reset()"),
    ("reads_names_that_are_on_offer", metric(update=lambda self, image, nromal: None), "did you mean 'normal'?"),
    ("reads_the_picture_judged", metric(update=blind), "update does not read image"),
    ("computes_finite_numbers", metric(compute=lambda self: float("nan")), "made is nan for dark pictures"),
    ("computes_finite_numbers", metric(compute=lambda self: "good"), "compute returns str"),
    ("computes_finite_numbers", metric(compute=lambda self: {}), "it computes nothing"),
    ("update_returns_nothing_or_each_pictures_numbers", returning({"made": torch.zeros(())}), "() as 'made' for 4"),
    ("update_returns_nothing_or_each_pictures_numbers", returning(1.0), "update returns float"),
    ("computing_twice_changes_nothing", metric(compute=emptying), "a second compute() gives other numbers"),
    ("without_pictures_it_says_so", metric(compute=lambda self: self.total / self.count), "not ZeroDivisionError"),
    ("without_pictures_it_says_so", metric(compute=lambda self: 0.0), "not return 0.0"),
    ("direction_is_true", scoring(lambda x, y: (x - y).abs().mean((1, 2, 3))), "better='higher' is not so"),
    ("direction_is_true", scoring(lambda x, y: y.mean((1, 2, 3))), "every picture scores"),
    ("reset_forgets", metric(reset=forgetting), "still count"),
    ("batches_may_be_of_any_size", PerBatch, "one by one give other numbers"),
    ("odd_sizes", scoring(lambda x, y: x.unflatten(2, (-1, 16)).mean((1, 2, 3, 4))), "fails for 2 pictures of 39x50"),
    ("is_deterministic", Shared, "give another result"),
    ("is_deterministic", scoring(lambda x, y: torch.rand(len(x))), "the same pictures give another result"),
    ("leaves_its_inputs_alone", metric(update=spoiling), "it changes its input"),
    ("state_can_be_carried_over", metric(state=None, load_state=lambda self, state: None), "cannot be saved"),
    ("state_can_be_carried_over", metric(load_state=partly), "load_state(state()) gives other numbers"),
    ("moves_to_another_device", scoring(lambda x, y: (x * torch.ones(3, 1, 1)).mean((1, 2, 3))), "than the processor"),
]


class TestMetricSuite(Shown):
    contract = MetricContract
    broken = BROKEN
    good = (Good,)


def test_the_direction_is_checked_by_the_number_that_is_named(suite: Callable[..., Any]) -> None:
    two = metric(compute=lambda self: {"other": 1.0, "made": Good.compute(self), "third": -Good.compute(self)})
    suite(MetricContract, two, number="made").test_direction_is_true()
    with pytest.raises(AssertionError, match="better='higher' is not so"):
        suite(MetricContract, two, number="third").test_direction_is_true()
    suite(MetricContract, two, facts={"better": "lower"}, number="third").test_direction_is_true()


def test_without_a_reference_the_direction_must_be_declared(suite: Callable[..., Any]) -> None:
    darkness = metric(update=lambda self, image: Good.update(self, 1 - image, torch.zeros_like(image)))
    with pytest.raises(pytest.skip.Exception, match="set directed = True"):
        suite(MetricContract, darkness).test_direction_is_true()
    with pytest.raises(AssertionError, match="is not so"):
        suite(MetricContract, darkness, facts={"better": "lower"}, directed=True).test_direction_is_true()
