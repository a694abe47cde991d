"""Numbers and names beyond the machine: a bound with its reason, or one line that says what was too large."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowface_core.config.build import build_datasets, memory_fault
from lowface_core.config.check import check_config
from lowface_core.errors import ConfigError

TOO_LARGE = {
    "seed": [2**32, 2**64, 10**30],
    "batch_size": [2**32, 10**12, 2**70],
    "max_iters": [2**40],
    "num_workers": [2**33],
    "weight_decay": [1e308, 1e7],
    "train_dataset.pictures": [2**70, 2**32],
    "train_dataset.identities": [2**31, 10**9],
    "train_dataset.seed": [2**32],
}


@pytest.mark.parametrize(("path", "value"), [(path, value) for path, values in TOO_LARGE.items() for value in values])
def test_numbers_beyond_the_machine_are_refused_with_the_bound(resolved: Callable[..., Any], path: str, value: Any):
    cfg = resolved()
    section, _, key = path.rpartition(".")
    (cfg[section] if section else cfg)[key] = value
    with pytest.raises(ConfigError, match=rf"(?m)^{path}: .*(go up to 4294967295|<= 1e\+06)"):
        check_config(cfg, "train")


class Large:
    """A data set of samples of 4 MiB."""

    def __len__(self) -> int:
        return 5

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {"low": np.zeros((1024, 1024), np.float32), "key": "a"}


@pytest.mark.parametrize(("count", "refused"), [(8, False), (256, False), (10**6, True), (2**32 - 1, True)])
def test_a_batch_larger_than_memory_is_refused_before_it_is_made(count: int, refused: bool):
    fault = memory_fault(Large(), {"batch_size": count}, "batch_size")
    assert bool(fault) == refused
    if fault:
        assert fault.startswith(f"batch_size: {count} samples of 4.00 MiB take ")


@pytest.mark.parametrize("setting", ["batch_size", "eval_batch_size"])
def test_a_config_is_told_so(resolved: Callable[..., Any], setting: str):
    cfg = resolved(**{setting: 10**9})
    cfg["test_dataset"] = cfg["train_dataset"]
    with pytest.raises(ConfigError, match=rf"^{setting}: 1000000000 samples of .* MiB take \d+ GiB of memory"):
        build_datasets(cfg, ("train_dataset", "test_dataset"))


LONG = "x" * 300
COMMANDS = {
    "a checkpoint": ("enhance", "in.png", "-o", "out", "--checkpoint", LONG),
    "a config": ("config", "check", f"{LONG}.py"),
    "a target": ("config", "copy", "lowfacenet", LONG),
    "a picture": ("enhance", f"{LONG}.png", "-o", "out"),
    "a run": ("train", "lowfacenet", "--resume", LONG),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_name_that_no_file_can_have_is_one_line(lowface: Any, tmp_path: Path, command: str):
    (tmp_path / "in.png").write_bytes(b"")
    done = lowface(*COMMANDS[command])
    assert done.code == 1
    assert len(done.err.strip().splitlines()) == 1
    assert "unexpected" not in done.err
    assert "name too long" in done.err
