from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from lowface_core.errors import DataError
from lowface_core.step.feature_head import FeatureHead
from lowface_core.step.head_bank import HeadBank, freeze


class Counting(nn.Module):
    """Counts its forward calls and records whether each recorded gradients."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Sequential(nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2), nn.Dropout(0.5))
        self.calls: list[bool] = []
        self.saw: list[dict[str, Any]] = []

    def forward(self, image: Tensor, scale: float = 1.0, *, landmarks: Any = None, prepared: Any = None) -> Tensor:
        self.calls.append(torch.is_grad_enabled())
        self.saw.append({"landmarks": landmarks, "prepared": prepared})
        return self.layer(image) * scale


class Ladder(FeatureHead):
    layers = ("one", "two", "three", "four")

    def __init__(self) -> None:
        super().__init__()
        self.climbed: list[int] = []
        self.prepared = 0

    def prepare(self, image: Tensor) -> Tensor:
        self.prepared += 1
        return image

    def climb(self, rung: int, x: Tensor) -> Tensor:
        self.climbed.append(rung)
        return x * 2


@pytest.fixture
def picture() -> Tensor:
    return torch.rand(2, 3, 4, 4, requires_grad=True)


def test_a_frozen_head_stays_in_eval_mode_whatever_calls_train():
    head = freeze(Counting())
    parent = nn.ModuleList([head])
    for call in (head.train, head.layer.train, parent.train, head.layer[2].train):
        call()
        call(True)
    assert not any(module.training for module in head.modules())
    assert not any(parameter.requires_grad for parameter in head.parameters())


def test_freezing_keeps_batch_statistics_as_they_are(picture: Tensor):
    head = freeze(Counting())
    head.train()
    before = {k: v.clone() for k, v in head.state_dict().items()}
    head(picture).sum().backward()
    assert all(torch.equal(v, before[k]) for k, v in head.state_dict().items())


def test_a_head_runs_once_a_picture_and_step_however_many_ask(picture: Tensor):
    head = Counting()
    bank = HeadBank({"face": head})
    bound = bank.bind({"enhanced": picture})["face"]
    first = bound(picture)
    assert bound(picture) is first
    assert len(head.calls) == 1
    bound(picture, 2.0)
    bound(picture, scale=2.0)
    bound(picture.detach())
    assert len(head.calls) == 4  # other arguments and other pictures are other questions
    bank.bind({"enhanced": picture})["face"](picture)
    assert len(head.calls) == 5  # another step


def test_pictures_made_and_dropped_within_a_step_are_never_confused():
    head = Counting()
    bound = HeadBank({"face": head}).bind({})["face"]
    for value in range(20):  # a freed picture's id() is reused at once
        answer = bound(torch.full((1, 3, 2, 2), float(value)))
        torch.testing.assert_close(answer, head.layer(torch.full((1, 3, 2, 2), float(value))))


def test_gradients_reach_a_picture_that_carries_them_and_no_parameter(picture: Tensor):
    head = Counting()
    HeadBank({"face": head}).bind({})["face"](picture).sum().backward()
    assert picture.grad is not None
    assert picture.grad.abs().sum() > 0
    assert all(p.grad is None for p in head.parameters())
    assert head.calls == [True]


def test_a_picture_without_gradient_runs_without(picture: Tensor):
    head = Counting()
    bound = HeadBank({"face": head}).bind({})["face"]
    assert not bound(picture.detach()).requires_grad
    with torch.no_grad():
        assert not bound(picture).requires_grad
    assert head.calls == [False, False]


def test_the_ladder_continues_and_never_restarts(picture: Tensor):
    head = Ladder()
    bound = HeadBank({"features": head}).bind({})["features"]
    assert torch.equal(bound(picture, "two"), picture * 4)
    assert head.climbed == [0, 1]
    assert torch.equal(bound(picture, "four"), picture * 16)
    assert head.climbed == [0, 1, 2, 3]
    assert torch.equal(bound(picture, "two"), picture * 4)
    assert torch.equal(bound(picture, layer="four"), picture * 16)
    assert head.climbed == [0, 1, 2, 3]
    assert head.prepared == 1
    bound(picture, "one")  # below everything kept: the one case that starts from the picture
    assert head.climbed == [0, 1, 2, 3, 0]
    bound(picture, layer="three")
    assert head.climbed == [0, 1, 2, 3, 0, 2]


def test_the_ladder_of_one_picture_says_nothing_about_another(picture: Tensor):
    head = Ladder()
    bound = HeadBank({"features": head}).bind({})["features"]
    bound(picture, "three")
    other = torch.zeros(1, 3, 2, 2)
    assert torch.equal(bound(other, "four"), other)
    assert head.climbed == [0, 1, 2, 0, 1, 2, 3]


def test_step_names_a_head_reads_are_filled_in(picture: Tensor):
    head = Counting()
    marks = torch.zeros(2, 5, 2)
    HeadBank({"face": head}, prepared={"face": "gallery"}).bind({"landmarks": marks, "low": picture})["face"](picture)
    assert head.saw[0]["landmarks"] is marks
    assert head.saw[0]["prepared"] == "gallery"
    HeadBank({"face": head}).bind({"landmarks": marks})["face"](picture, landmarks="mine")
    assert head.saw[1] == {"landmarks": "mine", "prepared": None}


def test_other_attributes_are_the_heads_own(picture: Tensor):
    bound = HeadBank({"features": Ladder()}).bind({})["features"]
    assert bound.layers == ("one", "two", "three", "four")
    with pytest.raises(AttributeError):
        _ = bound.no_such


class Gallery(Counting):
    def prepare_for(self, dataset: Any, run: Any) -> Any:
        if dataset == "bad":
            raise DataError("no identities")
        return dataset, run(torch.ones(1, 3, 2, 2, requires_grad=True))


def test_heads_are_prepared_once_for_a_dataset_without_gradient():
    head, plain = Gallery(), Counting()
    bank = HeadBank({"face": head, "features": plain})
    ready = bank.prepared_for("train")
    assert ready.heads is bank.heads
    assert ready.prepared["face"][0] == "train"
    assert not ready.prepared["face"][1].requires_grad
    assert head.calls == [False]
    assert plain.calls == []
    assert bank.prepared == {}
    assert bank.prepared_for("train", only={"features"}).prepared == {}
    with pytest.raises(DataError, match=r"^heads\.face: no identities$"):
        bank.prepared_for("bad")


def test_a_head_learns_in_its_turn_and_at_no_other_time():
    one, other, picture = nn.Conv2d(3, 2, 1), nn.Conv2d(3, 2, 1), torch.rand(1, 3, 4, 4)
    one.bias.requires_grad_(False)  # by its author
    bank = HeadBank({"one": one, "other": other}, learners=["one"]).prepared_for([])
    assert not any(p.requires_grad for head in (one, other) for p in head.parameters())
    bank.let_learn("one")
    other.train()
    assert (one.training, other.training) == (True, False)
    assert (one.weight.requires_grad, one.bias.requires_grad) == (True, False)
    bound = bank.bind({})
    assert bound["one"](picture).requires_grad
    assert not bound["other"](picture).requires_grad
    bank.let_learn(None)
    assert not one.training
    assert not bank.bind({})["one"](picture).requires_grad
