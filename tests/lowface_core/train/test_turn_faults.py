from __future__ import annotations

from typing import Any

import pytest
from torch import nn

from lowface_core.errors import ConfigError
from lowface_core.step.wiring import Reads
from lowface_core.train.turn_faults import check_turns
from lowface_core.train.turns import Phase, Turns

WANTS = {name: Reads({"image": "enhanced", name: name}, ("enhanced", name)) for name in ("judge", "face", "color")}


class WithGallery(nn.Conv2d):
    def prepare_for(self, dataset: Any, run: Any) -> None: ...


def check(*phases: Phase, processes: int = 1, enhancer: nn.Module | None = None) -> None:
    heads = {"judge": nn.Conv2d(3, 3, 1), "face": WithGallery(3, 3, 1), "gone": nn.Conv2d(3, 3, 1)}
    heads["gone"].requires_grad_(False)
    check_turns(Turns(phases or None), enhancer or nn.Conv2d(3, 3, 1), heads, WANTS, processes)


ENHANCER = Phase("enhancer", 1, name="enhancer")


def test_who_can_learn_passes() -> None:
    check(ENHANCER, Phase("heads.judge", 1, ("judge",)))
    check(ENHANCER, Phase("heads.judge", 1))
    check(processes=8, enhancer=nn.Identity())  # without phases there is nothing to look at


@pytest.mark.parametrize(
    ("phase", "fault"),
    [
        (Phase("heads.face", 1), "phases[1].train: heads.face prepares a gallery of a data set"),
        (
            Phase("heads.judge", 1, ("color", "face")),
            "phases[1].losses: none of color, face reads the head 'judge', which would learn nothing",
        ),
        (Phase("heads.gone", 1), "phases[1].train: heads.gone has no parameters that could be trained"),
    ],
)
def test_who_would_not_learn_is_named(phase: Phase, fault: str) -> None:
    with pytest.raises(ConfigError) as raised:
        check(ENHANCER, phase)
    assert str(raised.value).startswith(fault)


def test_an_enhancer_without_parameters_cannot_have_a_turn() -> None:
    with pytest.raises(ConfigError, match=r"^phases\[0\]\.train: enhancer has no parameters that could be trained"):
        check(ENHANCER, enhancer=nn.Identity())


def test_several_processes_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"^phases: are trained by one process; leave out --launcher$"):
        check(ENHANCER, processes=2)
