from __future__ import annotations

import pytest
import torch
from torch import nn

from lowface_core.errors import WeightsError
from lowface_core.evaluation.trained_heads import described, take_over


def test_a_trained_head_takes_its_weights_over_and_the_others_stay() -> None:
    heads, trained = {"judge": nn.Linear(2, 2), "other": nn.Linear(2, 2)}, nn.Linear(2, 2).state_dict()
    before = {key: value.clone() for key, value in heads["other"].state_dict().items()}
    assert take_over(heads, {"judge": trained, "unasked": trained}, "run") == ["judge"]
    assert torch.equal(heads["judge"].weight, trained["weight"])
    assert all(torch.equal(value, before[key]) for key, value in heads["other"].state_dict().items())
    with pytest.raises(WeightsError, match=r"^heads\.judge: is not the head of that name that was trained into run"):
        take_over(heads, {"judge": nn.Linear(2, 3).state_dict()}, "run")


def test_columns_say_which_heads_learned() -> None:
    heads = {"judge": {"type": "a"}, "other": {"type": "b"}}
    assert described(heads, ["judge"]) == {"judge": {"type": "a", "trained": True}, "other": {"type": "b"}}
