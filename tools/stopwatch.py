"""What the benchmarks in this folder share: a stopwatch of named parts, the machine, peak memory."""

from __future__ import annotations

import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import torch

from lowface_core.runs.manifest import git_commit

ROOT = Path(__file__).resolve().parent.parent


class Stopwatch:
    """Seconds of named parts, run after run: wall and CPU time."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.wall: dict[str, list[float]] = {}
        self.cpu: dict[str, list[float]] = {}

    def _now(self) -> tuple[float, float]:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return time.perf_counter(), time.process_time()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Times the block as one run of ``name``."""
        wall, cpu = self._now()
        yield
        after = self._now()
        self.wall.setdefault(name, []).append(after[0] - wall)
        self.cpu.setdefault(name, []).append(after[1] - cpu)

    def ratios(self, other: str, name: str) -> list[float]:
        """How many times as long ``other`` takes as ``name``, by CPU time, round by round but for the first."""
        return [others / own for others, own in zip(self.cpu[other][1:], self.cpu[name][1:], strict=True)]

    def table(self, skip: int) -> dict[str, dict[str, float]]:
        """Per part, without the first ``skip`` runs: medians and range in milliseconds."""
        rows = {}
        for name, all_runs in self.wall.items():
            runs = [1000 * t for t in all_runs[skip:]]
            rows[name] = {
                "median_ms": statistics.median(runs),
                "min_ms": min(runs),
                "max_ms": max(runs),
                "cpu_median_ms": 1000 * statistics.median(self.cpu[name][skip:]),
            }
        return rows


def machine() -> dict[str, Any]:
    """What the figures depend on besides the code."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    return {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "cores": os.cpu_count(),
        "memory_gib": round(pages / 2**30),
        "architecture": platform.machine(),
        "gpu": gpu,
        "threads": torch.get_num_threads(),
        "load_average": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "git_commit": git_commit(ROOT),
    }


def peak_memory_mib(device: torch.device) -> float:
    """Largest memory so far: allocated on a GPU, else resident in this process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
