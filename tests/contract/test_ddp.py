"""Two processes on the processor, started by torchrun, make one run."""

from __future__ import annotations

import json
import os
import shlex
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from lowface_core.config.load import load
from lowface_core.train.trainer import train

TORCHRUN = "torch.distributed.run --standalone --nproc-per-node 2 -m lowface_core"


def last(folder: Path) -> dict[str, Any]:
    return torch.load(folder / "last.pth", weights_only=True)


def test_two_processes_of_two_equal_one_of_four(write_config: Any, process: Any, tmp_path: Path):
    """The losses are means over pictures, so the averaged gradients of two halves are those of the whole."""
    path = write_config(max_iters=3, grad_clip=None, log_interval=1)
    done = process("train", path, "--work-dir", "two", "--launcher", "pytorch", "--json", cwd=tmp_path, module=TORCHRUN)
    assert done.code == 0, done.err
    assert json.loads(done.out)["work_dir"] == "two"  # printed once, by the main process
    assert not (tmp_path / "work_dirs").exists()
    assert [p.name for p in tmp_path.iterdir() if p.is_dir()] == ["two"]
    assert len((tmp_path / "two" / "metrics.jsonl").read_text().splitlines()) == 3
    assert json.loads((tmp_path / "two" / "manifest.json").read_text())["processes"] == 2

    train(load(str(path), ["batch_size=4"], {"work_dir": str(tmp_path / "one")}), "tiny")
    two, one = last(tmp_path / "two"), last(tmp_path / "one")
    assert two["iter"] == 3
    for key, value in two["state_dict"].items():
        assert torch.isfinite(value).all()
        torch.testing.assert_close(value, one["state_dict"][key], rtol=0, atol=1e-5)


@pytest.mark.slow
def test_processes_agree_on_the_work_dir_and_on_what_to_resume(write_config: Any, process: Any, tmp_path: Path):
    path = write_config()
    for _ in range(2):
        assert process("train", path, "--launcher", "pytorch", cwd=tmp_path, module=TORCHRUN).code == 0
    assert sorted(p.name for p in (tmp_path / "work_dirs").iterdir()) == ["tiny", "tiny-2"]
    before = last(tmp_path / "work_dirs" / "tiny")["iter"]
    words = ["--launcher", "pytorch", "--resume", "--cfg-options", "max_iters=4"]
    done = process("train", path, *words, cwd=tmp_path, module=TORCHRUN)
    assert done.code == 0, done.err
    assert last(tmp_path / "work_dirs" / "tiny")["iter"] == before
    assert last(tmp_path / "work_dirs" / "tiny-2")["iter"] == 4


def session(leader: int) -> list[int]:
    """The processes of a session that are alive, without those that only wait to be noticed."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == leader and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder with a short name: sockets lie in it."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_of_the_whole_group_saves_and_leaves_nothing(
    write_config: Any, start: Any, process: Any, tmp_path: Path, temporary: Path, number: signal.Signals
):
    write_config(max_iters=1_000_000, log_interval=1, checkpoint_interval=1, num_workers=1)
    words = ["tiny.json", "--work-dir", "run", "--launcher", "pytorch"]
    running = start("train", *words, cwd=tmp_path, module=TORCHRUN, TMPDIR=str(temporary))
    deadline = time.monotonic() + 180
    while not (tmp_path / "run" / "last.pth").exists():
        assert running.poll() is None, running.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(running.pid, number)
    err = running.communicate(timeout=90)[1]

    reached = last(tmp_path / "run")["iter"]
    (said,) = [line for line in err.splitlines() if line.startswith("lowface: ")]
    assert said.startswith(f"lowface: stopped at iteration {reached} of 1000000, saved; resume with: torchrun ")
    assert running.returncode != 0
    assert not session(running.pid)
    # Folders of torchrun and of torch itself, and no file of a training in any of them.
    assert {p.name.split("_")[0] for p in temporary.iterdir()} <= {"torchelastic", "torchinductor"}
    assert not [p for p in temporary.rglob("*") if p.is_file() and p.suffix != ".log"]
    assert not list((tmp_path / "run").glob(".*.part"))

    again = shlex.split(said.split("-m lowface_core ")[1])
    done = process(*again, "--cfg-options", f"max_iters={reached + 1}", cwd=tmp_path, module=TORCHRUN)
    assert done.code == 0, done.err
    assert last(tmp_path / "run")["iter"] == reached + 1
