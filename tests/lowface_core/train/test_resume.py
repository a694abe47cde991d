from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lowface_core.config.settings import TOP_LEVEL
from lowface_core.errors import ConfigError
from lowface_core.train.resume import FIXED, ON_RESUME, changes, check_changes

CFG: dict[str, Any] = {
    "enhancer": {"type": "retinex"},
    "losses": {"color": {"type": "color", "weight": 0.5}},
    "train_dataset": {"type": "folder", "root": "/old/faces"},
    "data_root": "/old",
    "max_iters": 100,
    "lr": 1e-3,
    "seed": 1,
}
CONTENT = {"config": CFG, "iter": 50, "processes": 1, "data": "Faces:7"}
LAST = Path("run/last.pth")


def check(total: int = 100, processes: int = 1, data: str = "Faces:7", **new: Any) -> dict[str, list[Any]]:
    return check_changes(CONTENT, {**CFG, **new}, total, processes, data, LAST)


def test_the_table_knows_every_name_of_a_config() -> None:
    assert set(ON_RESUME) == set(TOP_LEVEL)


def test_changes_are_named_with_both_values_and_moved_folders_are_none() -> None:
    moved = {"data_root": "/new", "train_dataset": {"type": "folder", "root": "/new/faces"}}
    assert changes(CFG, {**CFG, "lr": 1e-2, **moved}) == {"lr": [1e-3, 1e-2], "data_root": ["/old", "/new"]}
    assert changes(CFG, {**CFG, "work_dir": "elsewhere"}) == {}


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"seed": 2}, ["seed: 1, now 2"]),
        ({"losses": {"color": {"type": "color", "weight": 2}}}, ["losses.color.weight: 0.5, now 2"]),
        (
            {"enhancer": {"type": "retinex", "channels": 8}, "seed": 3},
            ["enhancer.channels: None, now 8", "seed: 1, now 3"],
        ),
        ({"processes": 2}, ["processes: 1, now 2"]),
        ({"data": "Faces:8"}, ["train_dataset: 'Faces:7', now 'Faces:8'"]),
        ({"total": 20, "max_iters": 20}, ["max_iters: 20 ends at iteration 20, but run/last.pth is at 50 already"]),
        ({"total": 50, "max_iters": 50, "lr": 1.0}, ["lr: 0.001, now 1.0, but run/last.pth is at its last iteration"]),
    ],
)
def test_what_may_not_change_is_refused_with_both_values(changed: dict[str, Any], named: list[str]) -> None:
    with pytest.raises(ConfigError) as raised:
        check(**changed)
    lines = str(raised.value).splitlines()
    assert len(lines) == len(named)
    for line, start in zip(lines, named, strict=True):
        assert line.startswith(start)
        assert "run/last.pth" in line


@pytest.mark.parametrize("name", [name for name, rule in ON_RESUME.items() if rule == FIXED])
def test_each_fixed_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=rf"^{name}\b"):
        check(**{name: {"other": 1}})


@pytest.mark.parametrize("name", [n for n in ON_RESUME if ON_RESUME[n] != FIXED and n[-4:] not in ("root", "_dir")])
def test_each_other_name_may_change_and_is_told(name: str) -> None:
    assert list(check(**{name: "other"})) == [name]


def test_checkpoints_without_a_config_fit() -> None:
    assert check_changes({"iter": 3}, CFG, 100, 2, "x", LAST) == {}
