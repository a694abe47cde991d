from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lowface_core.config.check import check_config
from lowface_core.config.phases import phase_faults, phases_schema
from lowface_core.errors import ConfigError

CFG: dict[str, Any] = {"heads": {"classifier": {}}, "losses": {"color": {}, "mixed": {}}, "accumulate": 2}
ENHANCER = {"train": "enhancer", "iters": 4}
RIGHT = [ENHANCER, {"train": "heads.classifier", "iters": 2, "losses": ["mixed"], "lr": 0.01}]


def test_phases_may_be_left_out_and_right_ones_pass() -> None:
    assert phase_faults(CFG) == []
    assert phase_faults({**CFG, "phases": RIGHT}) == []


@pytest.mark.parametrize(
    ("phases", "fault"),
    [
        ([], "phases: must be a list of at least one dict"),
        ("enhancer", "phases: must be a list of at least one dict"),
        ([1], "phases[0]: must be a dict such as dict(train='enhancer', iters=100), not 1"),
        (
            [ENHANCER, {"train": "heads.clasifier", "iters": 2}],
            "phases[1].train: 'heads.clasifier' is nobody here; did you mean 'heads.classifier'?",
        ),
        ([{"train": "classifier", "iters": 2}], "phases[0].train: 'classifier' is nobody here"),
        (
            [ENHANCER, {"train": "enhancer", "iters": 2, "losses": ["colour"]}],
            "phases[1].losses: 'colour' is no loss here; did you mean 'color'?",
        ),
        ([{**ENHANCER, "losses": []}], "phases[0].losses: none is named"),
        ([{**ENHANCER, "losses": "color"}], "phases[0].losses: must be a list, each text or None, not 'color'"),
        ([{"train": "enhancer"}], "phases[0].iters: missing"),
        ([{"iters": 2}], "phases[0].train: missing"),
        ([{**ENHANCER, "iters": 0}], "phases[0].iters: must be an integer >= 1, not 0"),
        ([{**ENHANCER, "iters": 3}], "phases[0].iters: 3 is no multiple of accumulate=2"),
        ([{**ENHANCER, "lr": -1}], "phases[0].lr: must be a number >= 0 or None, not -1"),
        ([{**ENHANCER, "iter": 4}], "phases[0].iter: a phase takes no such key; did you mean 'iters'?"),
        ([{**ENHANCER, "losses": ["color"]}], "losses.mixed: no phase names it, so that it would count nowhere"),
    ],
)
def test_each_fault_is_a_line_with_its_place(phases: Any, fault: str) -> None:
    (found,) = phase_faults({**CFG, "phases": phases})
    assert found.startswith(fault)


def test_the_check_of_a_config_tells_it_with_everything_else(resolved: Any) -> None:
    cfg = resolved(phases=[{"train": "enhancr", "iters": 1}], lr=-1)
    with pytest.raises(ConfigError) as raised:
        check_config(cfg, "train")
    lines = str(raised.value).splitlines()
    assert [line.split(":")[0] for line in lines] == ["lr", "phases[0].train"]
    assert "did you mean 'enhancer'?" in lines[1]


def test_the_schema_judges_alike() -> None:
    validator = Draft202012Validator(phases_schema())
    assert validator.is_valid(RIGHT)
    for wrong in ([], [1], [{"iters": 1}], [{**ENHANCER, "iter": 1}], [{**ENHANCER, "iters": 0}]):
        assert not validator.is_valid(wrong), wrong
