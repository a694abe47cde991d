from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from lowface_core.step.head_bank import HeadBank
from lowface_core.train.divergence import DivergedError, check_output, explain
from lowface_core.train.model import EnhancementModel
from lowface_core.train.optimizer import optim_wrapper

CFG = {"lr": 0.1, "weight_decay": 0.0, "accumulate": 1, "amp": False}
BATCH = {"low": torch.full((2, 3, 2, 2), 0.25), "key": ["b", "a"]}


class Gain(nn.Module):
    def __init__(self, gain: float = 2.0) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.full((3, 1, 1), gain))

    def forward(self, low: Tensor) -> Tensor:
        return low * self.gain


class Scaled(nn.Module):
    """The mean times a number."""

    def __init__(self, value: float = 1.0) -> None:
        super().__init__()
        self.value = value

    def forward(self, enhanced: Tensor) -> Tensor:
        return enhanced.mean() * self.value


class Kink(nn.Module):
    """0 with a gradient that is not a number, as a norm at 0 has it."""

    def forward(self, enhanced: Tensor) -> Tensor:
        return (enhanced - enhanced).sum().sqrt()


def model(losses: dict[str, nn.Module], gain: float = 2.0, **weights: float) -> EnhancementModel:
    return EnhancementModel(Gain(gain), losses, weights, HeadBank({}))


def explained(one: EnhancementModel) -> DivergedError:
    optimizer = optim_wrapper(CFG, one.parameters(), torch.device("cpu"))
    return explain(one, BATCH, optimizer, CFG["lr"], 7)


@pytest.mark.parametrize(
    ("losses", "weights", "told", "silent"),
    [
        ({"bad": Scaled(float("nan"))}, {"bad": 1.0}, "loss bad is not finite", "weight"),
        ({"bad": Scaled(float("inf"))}, {"bad": 0.0}, "loss bad is not finite", "weight"),
        ({"bad": Scaled(3e38)}, {"bad": 9.0}, "loss bad (losses.bad.weight=9) is not finite with its weight", "good"),
        ({"bad": Kink()}, {"bad": 1.0}, "the gradient of loss bad is not finite", "weight"),
        ({"bad": Scaled()}, {"bad": 1e30}, "the gradient of loss bad (losses.bad.weight=1e+30) is not finite", "good"),
        ({"bad": Scaled(3e38), "also": Scaled(3e38)}, {"bad": 2.0}, "the losses' sum is not finite", "good"),
    ],
)
def test_the_loss_or_the_weight_at_fault_is_named_with_the_batch(
    losses: dict[str, nn.Module], weights: dict[str, float], told: str, silent: str
) -> None:
    error = explained(model({"good": Scaled(), **losses}, **weights))
    assert isinstance(error, DivergedError)
    assert str(error).startswith(told)
    assert silent not in str(error)
    assert "for the batch a, b at iteration 7" in str(error)


def test_a_fault_that_is_not_ours_is_put_down_to_the_largest_gradient() -> None:
    told = str(explained(model({"small": Scaled(), "large": Scaled(9.0)})))
    assert "another process" in told
    assert "losses.large.weight" in told


@pytest.mark.parametrize("gain", [1e30, float("inf")])
def test_weights_beyond_all_bounds_are_the_learning_rates_fault(gain: float) -> None:
    one = model({"good": Scaled()}, gain=gain)
    assert "lr=0.1" in str(explained(one))
    with pytest.raises(DivergedError, match=r"lr=0\.1"):
        check_output(one, BATCH, 0.1, 7)


def test_a_network_that_is_finite_passes_and_draws_nothing() -> None:
    class Noisy(Gain):
        def forward(self, low: Tensor) -> dict[str, Any]:
            return {"enhanced": low * self.gain + torch.rand(()), "note": "not a tensor"}

    one = EnhancementModel(Noisy(), {"good": Scaled()}, {}, HeadBank({}))
    state = torch.get_rng_state()
    check_output(one, BATCH, 0.1, 7)
    assert torch.equal(torch.get_rng_state(), state)


def test_a_network_whose_output_is_not_finite_is_not_saved() -> None:
    class Broken(Gain):
        def forward(self, low: Tensor) -> Tensor:
            return low * self.gain / 0

    one = EnhancementModel(Broken(), {"good": Scaled()}, {}, HeadBank({}))
    with pytest.raises(DivergedError, match=r"after iteration 7 \(batch a, b\); lower lr=0\.1"):
        check_output(one, BATCH, 0.1, 7)
