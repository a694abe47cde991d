from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from lowface_core.errors import LowfaceError
from lowface_core.step.head_bank import HeadBank
from lowface_core.step.run_enhancer import run_enhancer
from lowface_core.train.model import EnhancementModel, TaskModel


class Enhancer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.tensor(2.0))

    def forward(self, low: Tensor) -> dict[str, Tensor]:
        return {"enhanced": low * self.gain, "illumination": low}


class Head(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 1, 1)
        self.calls = 0

    def forward(self, image: Tensor) -> Tensor:
        self.calls += 1
        return self.layer(image)


class Plain(nn.Module):
    """Reads what the test tells it to, through a head."""

    def __init__(self, value: float = 1.0) -> None:
        super().__init__()
        self.value, self.logged = value, {"seen": 3.0}

    def forward(self, enhanced: Tensor, face: Any, normal: Tensor | None = None) -> Tensor:
        assert normal is None
        return face(enhanced).mean() * 0 + enhanced.mean() * self.value


def model(losses: dict[str, nn.Module], **weights: float) -> EnhancementModel:
    return EnhancementModel(Enhancer(), losses, weights, HeadBank({"face": Head()}))


BATCH = {"low": torch.full((2, 3, 2, 2), 0.25), "key": ["b", "a"]}


def test_terms_are_unweighted_and_the_total_is_weighted():
    one = model({"x": Plain(), "y": Plain(2.0)}, x=1.0, y=0.5)
    terms, logged = one(**BATCH)
    assert {k: float(v.detach()) for k, v in terms.items()} == {"x": 0.5, "y": 1.0}
    assert logged == {"x/seen": 3.0, "y/seen": 3.0}
    total = one.total(terms)
    assert total == 1.0
    total.backward()
    assert one.enhancer.gain.grad == 0.5


def test_logged_tensors_are_kept_where_they_are_without_their_graph():
    loss = Plain()
    loss.logged = {"seen": torch.ones(1, requires_grad=True)}
    logged = model({"x": loss})(**BATCH).logged["x/seen"]
    assert isinstance(logged, Tensor)
    assert not logged.requires_grad
    loss.logged = {"seen": torch.ones(2)}
    with pytest.raises(LowfaceError, match=r"losses\.x: logged\['seen'\] must be one number"):
        model({"x": loss})(**BATCH)


def test_a_head_that_two_losses_ask_runs_once_a_step():
    one = model({"x": Plain(), "y": Plain()})
    one(**BATCH)
    assert one.bank.heads["face"].calls == 1
    one(**BATCH)
    assert one.bank.heads["face"].calls == 2


def test_heads_and_losses_are_no_part_of_what_is_trained_and_saved():
    one = model({"x": Plain()})
    assert list(one.state_dict()) == ["enhancer.gain"]
    one.train()
    assert one.enhancer.training
    assert not one.bank.heads["face"].training


class Map(nn.Module):
    def forward(self, enhanced: Tensor) -> Tensor:
        return enhanced


def test_a_loss_that_returns_a_map_is_told():
    with pytest.raises(LowfaceError, match=r"losses\.m: must return one number, not a tensor of shape \(2, 3, 2, 2\)"):
        model({"m": Map()})(**BATCH)


def test_an_enhancer_may_return_a_picture_or_a_dict_with_enhanced():
    low = torch.zeros(1, 3, 2, 2)
    assert run_enhancer(nn.Identity(), low)["enhanced"] is low
    with pytest.raises(LowfaceError, match="'enhanced', not dict"):
        run_enhancer(lambda x: {"out": x}, low)


def test_a_task_sums_its_own_terms():
    class Task(nn.Module):
        def loss(self, batch: dict[str, Any]) -> dict[str, Tensor]:
            return {"a": batch["low"].mean(), "b": torch.tensor([1.0])}

    task = TaskModel(Task())
    terms, logged = task(**BATCH)
    assert {k: float(v) for k, v in terms.items()} == {"a": 0.25, "b": 1.0}
    assert float(task.total(terms)) == 1.25
    assert logged == {}
