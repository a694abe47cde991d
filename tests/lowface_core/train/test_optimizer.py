from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from lowface_core.errors import WeightsError
from lowface_core.train.optimizer import (
    AutocastOptimWrapper,
    clipped_norm,
    load_state,
    moving_average,
    optim_wrapper,
    quiet_schedulers,
    scheduler,
)

CFG = {"lr": 0.1, "weight_decay": 0.2, "accumulate": 3, "amp": False, "lr_schedule": "cosine"}
CPU = torch.device("cpu")


def wrapper(module: nn.Module | None = None, **changes: Any) -> Any:
    return optim_wrapper({**CFG, **changes}, list((module or nn.Linear(1, 1)).parameters()), CPU)


def test_the_optimizer_takes_its_numbers_from_the_config() -> None:
    made = wrapper()
    group = made.optimizer.param_groups[0]
    assert isinstance(made.optimizer, torch.optim.Adam)
    assert (group["lr"], group["weight_decay"]) == (0.1, 0.2)
    assert float(made.scale_loss(torch.tensor(6.0))) == 2.0


def test_mixed_precision_on_the_processor_computes_in_bfloat16() -> None:
    layer = nn.Linear(2, 2)
    made = wrapper(layer, amp=True, accumulate=1)
    assert isinstance(made, AutocastOptimWrapper)
    with made.optim_context(layer):
        assert layer(torch.ones(1, 2)).dtype == torch.bfloat16
    assert layer(torch.ones(1, 2)).dtype == torch.float32


@pytest.mark.parametrize(("largest", "after"), [(None, 5.0), (0, 5.0), (10.0, 5.0), (0.5, 0.5)])
def test_gradients_are_measured_and_scaled_down_where_they_are_too_large(largest: float | None, after: float) -> None:
    layer = nn.Linear(1, 1)
    layer.weight.grad, layer.bias.grad = torch.full((1, 1), 3.0), torch.full((1,), 4.0)
    assert clipped_norm(wrapper(layer), largest) == 5.0
    assert float(torch.stack([layer.weight.grad.sum(), layer.bias.grad.sum()]).norm()) == pytest.approx(after)


@pytest.mark.parametrize(("name", "half"), [("cosine", 0.05), ("fixed", 0.1)])
@pytest.mark.parametrize("done", [0, 1, 10, 20])
def test_a_schedule_continues_where_it_would_have_been(done: int, name: str, half: float) -> None:
    straight, resumed, cfg = wrapper(), wrapper(), {**CFG, "lr_schedule": name}
    with quiet_schedulers():
        schedule = scheduler(cfg, straight, 20, 0)
        for _ in range(done):
            schedule.step()
        scheduler(cfg, resumed, 20, done)
    assert done != 10 or straight.get_lr()["lr"][0] == pytest.approx(half)
    assert resumed.get_lr() == straight.get_lr()


def test_a_state_brings_no_settings_along() -> None:
    layer = nn.Linear(1, 1)
    old, new = wrapper(layer), wrapper(layer, lr=0.3, weight_decay=0.0)
    layer(torch.ones(1, 1)).sum().backward()
    old.optimizer.step()
    load_state(new, old.state_dict())
    group = new.optimizer.param_groups[0]
    assert (group["lr"], group["weight_decay"]) == (0.3, 0.0)
    for parameter in layer.parameters():
        assert torch.equal(new.optimizer.state[parameter]["exp_avg"], old.optimizer.state[parameter]["exp_avg"])


def test_the_moving_average_starts_at_the_weights_and_covers_buffers() -> None:
    layer = nn.BatchNorm1d(1)
    average = moving_average(layer, 0.75)
    average.update_parameters(layer)
    layer.running_mean += 4
    average.update_parameters(layer)
    assert float(average.module.running_mean) == 1.0


@pytest.mark.skipif(not torch.cuda.is_available(), reason="float16's loss scaling needs CUDA")
def test_an_overflow_of_the_loss_scale_is_left_to_the_scaler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: False)
    layer, device = nn.Linear(1, 1).cuda(), torch.device("cuda")
    made = optim_wrapper({**CFG, "amp": True, "accumulate": 1}, list(layer.parameters()), device)
    before, scale = layer.weight.clone(), None
    for _ in range(30):
        made.backward(layer(torch.ones(1, 1, device=device)).sum() * float("inf"))
        scale = made.loss_scaler.get_scale()
        norm = clipped_norm(made, 0.1)
        if not norm.isfinite():
            break
        made.step()
        made.zero_grad()
    assert scale <= 1  # only where no smaller scale can help
    assert torch.equal(layer.weight, before)


@pytest.mark.parametrize("odd", [torch.zeros(7), torch.zeros(1, 1).to_sparse(), torch.zeros(1, 1, device="meta")])
@pytest.mark.parametrize("name", ["exp_avg", "exp_avg_sq"])
def test_a_state_of_another_shape_or_kind_is_refused(name: str, odd: torch.Tensor) -> None:
    layer = nn.Linear(1, 1)
    made = wrapper(layer)
    layer(torch.ones(1, 1)).sum().backward()
    made.optimizer.step()
    state = made.state_dict()
    state["state"][0] = {**state["state"][0], name: odd}
    with pytest.raises((ValueError, WeightsError), match=rf"state\[0\]\.{name} "):
        load_state(made, state)
