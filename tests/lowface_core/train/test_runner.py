from __future__ import annotations

import pytest
import torch
from torch import nn

from lowface_core.train.runner import AutocastOptimWrapper, optim_wrapper

CFG = {"lr": 0.1, "weight_decay": 0.2, "accumulate": 3, "grad_clip": 0.5, "amp": False}
CPU = torch.device("cpu")


def test_the_optimizer_takes_its_numbers_from_the_config():
    wrapper = optim_wrapper(CFG, nn.Linear(1, 1).parameters(), CPU)
    group = wrapper.optimizer.param_groups[0]
    assert isinstance(wrapper.optimizer, torch.optim.Adam)
    assert (group["lr"], group["weight_decay"]) == (0.1, 0.2)
    assert wrapper._accumulative_counts == 3
    assert wrapper.clip_grad_kwargs == {"max_norm": 0.5}


@pytest.mark.parametrize("clip", [None, 0])
def test_no_norm_means_no_clipping(clip: float | None):
    assert optim_wrapper({**CFG, "grad_clip": clip}, nn.Linear(1, 1).parameters(), CPU).clip_grad_kwargs is None


def test_mixed_precision_on_the_processor_computes_in_bfloat16():
    layer = nn.Linear(2, 2)
    wrapper = optim_wrapper({**CFG, "amp": True, "accumulate": 1}, layer.parameters(), CPU)
    assert isinstance(wrapper, AutocastOptimWrapper)
    with wrapper.optim_context(layer):
        assert layer(torch.ones(1, 2)).dtype == torch.bfloat16
    assert layer(torch.ones(1, 2)).dtype == torch.float32
