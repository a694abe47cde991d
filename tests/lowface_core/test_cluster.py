"""Work that is spread over a cluster, and a cluster of two workers of which one is killed."""

from __future__ import annotations

import filecmp
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lowface_core import cluster
from lowface_core.errors import LowfaceError, PluginError

NO_RAY = 'Ray is no part of lowface[test]: with pandas and pyarrow it takes 500 MB; pip install "lowface[ray]"'


def halved(items: Sequence[int]) -> list[float]:
    return [1 / (item - 3) for item in items]


def load() -> cluster.Work:
    return halved


def refused() -> cluster.Work:
    raise LowfaceError("net.pt: no such checkpoint")


def asked(worker: cluster.Worker, *items: int) -> list[tuple[int, Any, str]]:
    answer = worker({"index": np.arange(len(items)), "item": [pickle.dumps(item) for item in items]})
    return [
        (int(index), pickle.loads(result) if result else None, fault)
        for index, result, fault in zip(answer["index"], answer["result"], answer["fault"], strict=True)
    ]


def test_a_worker_answers_each_item_of_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    worker = cluster.Worker(load, str(tmp_path))
    assert asked(worker, 4, 5) == [(0, 1.0, ""), (1, 0.5, "")]
    ((_, none, fault), _) = asked(worker, 3, 4)
    assert none is None
    assert "ZeroDivisionError: " in fault
    assert asked(worker, 5) == [(0, 0.5, "")]  # it goes on


def test_what_a_worker_lacks_is_told_with_its_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ((_, _, fault),) = asked(cluster.Worker(refused, str(tmp_path)), 1)
    assert fault.startswith("worker on ")
    assert fault.endswith(": net.pt: no such checkpoint")
    ((_, _, fault),) = asked(cluster.Worker(load, str(tmp_path / "absent")), 1)
    assert "share it under the same path" in fault


def test_without_ray_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(PluginError, match=r'pip install "lowface\[ray\]"'):
        next(cluster.spread([1], load, cluster.LOCAL))


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1"])
def test_a_cluster_that_is_not_there_is_one_line(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ray = SimpleNamespace(is_initialized=lambda: False)
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setitem(sys.modules, "ray.data", SimpleNamespace())
    with pytest.raises(LowfaceError, match=f"--ray {address}: no such cluster can be reached .*use --ray local"):
        next(cluster.spread([1], load, address))


def workers(parent: int) -> list[int]:
    """Processes of Ray workers that load, below a process."""
    parents, found = {}, []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            title = (folder / "cmdline").read_text()
        except OSError:
            continue
        found += [int(folder.name)] * (title.startswith("ray::") and "MapWorker" in title)

    def below(pid: int) -> bool:
        return pid == parent or (pid in parents and below(parents[pid]))

    return [pid for pid in found if below(pid)]


@pytest.fixture
def two_workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Address of a cluster of this machine with two processors."""
    for name, value in {**cluster.QUIET, "OMP_NUM_THREADS": "1"}.items():
        monkeypatch.setenv(name, value)
    ray = pytest.importorskip("ray", reason=NO_RAY)
    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, _node_ip_address="127.0.0.1")
    yield ray.get_runtime_context().gcs_address
    ray.shutdown()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="finds the workers in /proc")
def test_all_pictures_are_there_and_the_same_after_a_worker_was_killed(
    two_workers: str, lowface: Callable[..., Any], start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    draw = np.random.default_rng(0)
    for k in range(300):
        folder = tmp_path / "in" / ("odd" if k % 2 else ".")
        folder.mkdir(parents=True, exist_ok=True)
        pixels = draw.integers(0, 80, (*draw.integers(60, 90, 2), 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{k}.png")
    (tmp_path / "in" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    night = ("--checkpoint", "night/base", "--device", "cpu")
    running = start("enhance", "in", "-o", "out", *night, "--ray", two_workers, "--report", "out.csv", cwd=tmp_path)
    while len(list(tmp_path.glob("out/**/*.png"))) < 40:
        assert running.poll() is None, running.communicate()
        time.sleep(0.05)
    first, *others = workers(os.getpid())
    assert len(others) == 1
    os.kill(first, signal.SIGKILL)
    early = len(list(tmp_path.glob("out/**/*.png")))
    out, err = running.communicate(timeout=400)
    assert early < 280  # it was killed while there was work
    assert (running.returncode, out) == (1, "300 pictures written to out, 1 failed\n")
    assert "broken.png" in err
    assert "Traceback" not in err

    assert lowface("enhance", "in", "-o", "alone", *night, "--report", "alone.csv").code == 1
    names = sorted(str(path.relative_to(tmp_path / "alone")) for path in tmp_path.glob("alone/**/*.png"))
    assert len(names) == 300
    assert sorted(str(path.relative_to(tmp_path / "out")) for path in tmp_path.glob("out/**/*.*")) == names
    assert filecmp.cmpfiles(tmp_path / "alone", tmp_path / "out", names, shallow=False)[0] == names
    assert (tmp_path / "out.csv").read_text() == (tmp_path / "alone.csv").read_text().replace("alone/", "out/")

    for name in names[::7]:
        (tmp_path / "out" / name).unlink()
    kept = {name: (tmp_path / "out" / name).stat().st_mtime_ns for name in names if (tmp_path / "out" / name).exists()}
    again = lowface("enhance", "in", "-o", "out", *night, "--ray", two_workers, "--skip-existing")
    assert again.out.startswith(f"{len(names[::7])} pictures written")
    assert filecmp.cmpfiles(tmp_path / "alone", tmp_path / "out", names, shallow=False)[0] == names
    assert {name: (tmp_path / "out" / name).stat().st_mtime_ns for name in kept} == kept
