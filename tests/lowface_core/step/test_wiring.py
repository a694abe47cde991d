from __future__ import annotations

import pytest

from lowface_core.errors import ConfigError
from lowface_core.step.wiring import Reads, check_reads, reads, trace_fills


class Loss:
    def forward(self, enhanced, *args, positive, labels=None, **kwargs):
        return enhanced


def test_argument_names_are_inputs_and_defaults_make_them_optional():
    assert reads(Loss().forward) == Reads(("enhanced", "positive"), ("labels",))
    assert reads(Loss.forward).all == ("enhanced", "positive", "labels")


def test_pick_takes_what_there_is():
    assert reads(Loss().forward).pick({"enhanced": 1, "positive": 2, "low": 3}) == {"enhanced": 1, "positive": 2}


def test_a_name_nobody_supplies_is_told_with_offers_and_nearest():
    check_reads("losses.x", ["low"], ["low", "normal"], "train_dataset 'd'")
    with pytest.raises(ConfigError) as raised:
        check_reads("losses.x", ["low", "normals"], ["low", "normal"], "train_dataset 'd'")
    assert str(raised.value) == (
        "losses.x: reads 'normals', which nobody supplies; did you mean 'normal'?; "
        "on offer from train_dataset 'd', the enhancer and the heads: low, normal"
    )


def test_who_fills_what_is_traced_the_later_supplier_winning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    suppliers = {"train_dataset 'd'": ["low", "positive"], "enhancer": ["enhanced"], "heads": ["positive"]}
    trace_fills("losses.x", reads(Loss().forward), suppliers)
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("LOWFACE_TRACE", "1")
    trace_fills("losses.x", reads(Loss().forward), suppliers)
    assert capsys.readouterr().err == (
        "trace: losses.x reads enhanced from enhancer, positive from heads, labels left at its default\n"
    )
