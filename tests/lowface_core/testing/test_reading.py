"""Heads for losses and metrics under test: those they read, frozen and prepared."""

from __future__ import annotations

from lowface_core.testing import LossContract, MetricContract, tiny_dataset


class Suite(LossContract):
    component = "identity"


class Judging(MetricContract):
    component = "rank1"


def test_only_the_heads_that_are_read_are_prepared() -> None:
    for suite in (Suite(), Judging()):
        bank = suite.bank()
        assert set(bank.heads) == {"face"}
        assert len(bank.prepared["face"][1]) == len(tiny_dataset(8))
        assert suite.described() == suite.read().all
