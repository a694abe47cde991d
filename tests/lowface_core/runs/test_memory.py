"""Peak memory is the process's own, whatever started it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lowface_core.runs.memory import peak_memory_mib


def test_it_counts_what_was_used() -> None:
    before = peak_memory_mib()
    np.ones(64 * 2**20, dtype=np.uint8).sum()
    assert peak_memory_mib() >= max(before, 64)


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="ru_maxrss has to do here")
def test_a_small_process_does_not_report_its_parents_memory(root: Path) -> None:
    ballast = np.ones(400 * 2**20, dtype=np.uint8)
    file = root / "lowface_core" / "runs" / "memory.py"
    code = f"exec(compile(open({str(file)!r}).read(), 'memory', 'exec')); print(peak_memory_mib())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 200 < ballast.nbytes / 2**20


def test_elsewhere_the_resource_module_has_to_do(tmp_path: Path) -> None:
    assert peak_memory_mib(tmp_path / "nothing") > 10
