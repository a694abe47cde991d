"""Devices: a GPU is tried where there is one; heads are prepared. Elsewhere see the suites' own tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from lowface_core.testing import LossContract, MetricContract, steps, tiny_dataset


class Good(nn.Module):
    """Mean of the picture enhanced."""

    def forward(self, enhanced: Tensor) -> Tensor:
        return enhanced.mean()


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU that is the processor."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(steps, "GPU", "cpu")


def test_where_there_is_a_gpu_it_is_tried(gpu: None, suite: Callable[..., Any]) -> None:
    suite(LossContract, Good).test_moves_to_another_device()
    type("Suite", (MetricContract,), {"component": "rank1"})().test_moves_to_another_device()

    class Failing(Good):
        def forward(self, enhanced: Tensor) -> Tensor:
            if type(enhanced) is Tensor:
                raise RuntimeError("two devices, cuda:0 and cpu")
            return enhanced.mean()

    made = suite(LossContract, Failing)
    with pytest.raises(AssertionError, match=r"it does not work on a GPU; .*two devices, cuda:0 and cpu"):
        made.test_moves_to_another_device()


def test_what_the_pretended_device_cannot_run_is_skipped_with_the_reason(suite: Callable[..., Any]) -> None:
    class Odd(Good):
        def forward(self, enhanced: Tensor) -> Tensor:
            if type(enhanced) is not Tensor:
                raise RuntimeError("no such kernel")
            return enhanced.mean()

    with pytest.raises(pytest.skip.Exception, match=r"no GPU here, .* cannot run this .*no such kernel"):
        suite(LossContract, Odd).test_moves_to_another_device()


def test_only_the_heads_that_are_read_are_prepared() -> None:
    for contract, component in ((LossContract, "identity"), (MetricContract, "rank1")):
        suite = type("Suite", (contract,), {"component": component})()
        bank = suite.bank()
        assert set(bank.heads) == {"face"}
        assert len(bank.prepared["face"][1]) == len(tiny_dataset(8))
        assert suite.described() == suite.read().all
