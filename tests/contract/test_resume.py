"""Interrupted runs continue as if nothing had happened."""

from __future__ import annotations

import json
import os
import random
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from lowface_core.config.load import load
from lowface_core.errors import LowfaceError
from lowface_core.train.launch import Interrupt, TrainingStoppedError
from lowface_core.train.trainer import train
from tests.bitwise import assert_equal

Start = Callable[..., subprocess.Popen[str]]


def content(folder: Path, name: str = "last.pth") -> dict[str, Any]:
    return torch.load(folder / name, weights_only=True)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


VARIANTS = {
    "plain": {},
    "all": {"accumulate": 2, "ema": 0.9, "lr_schedule": "cosine", "num_workers": 2},
    "validated": {"best": "psnr", "metrics": {"psnr": {"type": "psnr"}}, "val_interval": 4, "amp": True, "ema": 0.5},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_twenty_iterations_equal_ten_and_ten(
    write_config: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variant: str
):
    changes = {**VARIANTS[variant], "max_iters": 20, "log_interval": 1}
    config = json.loads(write_config().read_text())
    if "metrics" in changes:
        changes["val_dataset"] = {**config["train_dataset"], "identities": 2, "pictures": 1}
    path = str(write_config(**changes))
    train(load(path, (), {"work_dir": str(tmp_path / "straight"), "num_workers": 0}), "tiny")

    calls: list[int] = []

    def agreed(self: Interrupt, device: torch.device) -> bool:
        calls.append(1)
        return len(calls) * changes.get("accumulate", 1) == 10

    with monkeypatch.context() as patch:
        patch.setattr(Interrupt, "agreed", agreed)
        with pytest.raises(
            TrainingStoppedError, match="stopped at iteration 10 of 20, saved; resume with: lowface train"
        ):
            train(load(path, (), {"work_dir": str(tmp_path / "halves")}), "tiny")
    assert content(tmp_path / "halves")["iter"] == 10
    torch.manual_seed(12345)  # whatever happened since must not matter
    train(load(path, (), {"work_dir": str(tmp_path / "halves")}), "tiny", resume="auto")

    one, two = content(tmp_path / "straight"), content(tmp_path / "halves")
    for part in ("iter", "state_dict", "model", "optimizer", "random", "best"):
        assert_equal(one[part], two[part], part)
    assert lines(tmp_path / "straight") == lines(tmp_path / "halves")
    keys = [(line["iter"], line["split"]) for line in lines(tmp_path / "halves")]
    assert len(keys) == len(set(keys))
    assert [i for i, split in keys if split == "train"] == list(range(1, 21))


def test_a_run_that_died_before_its_first_checkpoint_starts_anew(
    write_config: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    cfg = load(str(write_config(work_dir=str(tmp_path / "run"))))

    def dies(*args: Any) -> None:
        raise LowfaceError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr("lowface_core.runs.checkpoint.save", dies)
        with pytest.raises(LowfaceError, match="power cut"):
            train(cfg, "tiny")
    assert not (tmp_path / "run" / "last.pth").exists()
    assert train(cfg, "tiny", resume="auto")["iterations"] == 2


def test_a_finished_run_resumes_to_its_end_at_once(write_config: Callable[..., Path], tmp_path: Path):
    cfg = load(str(write_config(work_dir=str(tmp_path / "run"))))
    train(cfg, "tiny")
    before = content(tmp_path / "run")
    train(cfg, "tiny", resume="auto")
    assert_equal(before["model"], content(tmp_path / "run")["model"])


@pytest.fixture
def endless(
    start: Start, write_config: Callable[..., Path], tmp_path: Path
) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a run that would last for hours, and waits until it has saved; what is alive at the end is killed."""
    alive: list[subprocess.Popen[str]] = []

    def begin(**changes: Any) -> subprocess.Popen[str]:
        config = write_config(max_iters=1_000_000, log_interval=1, checkpoint_interval=1, **changes)
        running = start("train", config, "--work-dir", "run", cwd=tmp_path)
        alive.append(running)
        deadline = time.monotonic() + 120
        while not (tmp_path / "run" / "last.pth").exists():
            assert running.poll() is None, running.communicate()[1]
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return running

    yield begin
    for running in alive:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
        running.communicate()


def test_a_run_killed_at_a_random_moment_resumes_from_a_readable_checkpoint(endless: Any, lowface: Any, tmp_path: Path):
    running = endless()
    time.sleep(random.uniform(0.0, 0.5))
    os.killpg(running.pid, signal.SIGKILL)
    assert running.wait(30) == -signal.SIGKILL
    reached = content(tmp_path / "run")["iter"]
    assert reached >= 1
    words = ["--work-dir", "run", "--resume", "--cfg-options", f"max_iters={reached + 3}"]
    done = lowface("train", "tiny.json", *words)
    assert done.code == 0, done.err
    assert content(tmp_path / "run")["iter"] == reached + 3
    assert [line["iter"] for line in lines(tmp_path / "run")] == list(range(1, reached + 4))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_saves_and_says_how_to_resume(endless: Any, lowface: Any, tmp_path: Path, number: signal.Signals):
    running = endless(num_workers=2)
    os.killpg(running.pid, number)  # as a terminal does: to the workers too
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    last = err.splitlines()[-1]
    reached = content(tmp_path / "run")["iter"]
    assert last.startswith(f"lowface: stopped at iteration {reached} of 1000000, saved; resume with: lowface train ")
    assert "Traceback" not in err
    words = shlex.split(last.split("resume with: lowface ")[1])
    done = lowface(*words, "--cfg-options", f"max_iters={reached + 1}", "num_workers=0")
    assert done.code == 0, done.err
    assert content(tmp_path / "run")["iter"] == reached + 1
