"""What a method costs: time and memory for a picture, parameters, operations."""

from __future__ import annotations

import contextlib
import re
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from lowface_benchmark.cell import enhancer_of
from lowface_benchmark.plan import Method
from lowface_core.runs.memory import peak_memory_mib

#: Pictures that are timed, after one that is not.
PICTURES = 5


@torch.no_grad()
def cost(method: Method, pictures: Sequence[Tensor]) -> dict[str, Any]:
    """Measures a method on the CPU, picture by picture, in this process, which should do nothing else meanwhile.

    Args:
        pictures: (3,H,W) RGB in [0,1] each, of one size; the first is not timed.

    Returns:
        ``seconds``: median of the process's CPU time for a picture, over all its threads; ``peak_memory_mib``: by how
        much the process grew at most above its size without the method; ``parameters`` and ``flops`` (two for a
        multiplication with addition, of convolutions and matrix products, for one picture), None where there is no
        network; ``size``, ``threads``.
    """
    before = _start_of_peak()
    network = enhancer_of(method, "cpu").network
    seconds = []
    for picture in pictures:
        began = time.process_time()
        network(picture[None])
        seconds.append(time.process_time() - began)
    peak = peak_memory_mib()
    parameters = sum(p.numel() for p in network.parameters())
    with FlopCounterMode(display=False) as counter:
        network(pictures[0][None])
    return {
        "seconds": statistics.median(seconds[1:] or seconds),
        "peak_memory_mib": max(peak - before, 0),
        "parameters": parameters or None,
        # without a network torch counts algebra, such as LIME's, which is not comparable
        "flops": (counter.get_total_flops() or None) if parameters else None,
        "size": list(pictures[0].shape[1:]),
        "threads": torch.get_num_threads(),
    }


def _start_of_peak() -> int:
    """Memory of this process now, in MiB; where the system can, its peak counts from here."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
        found = re.search(r"VmRSS:\s*(\d+) kB", Path("/proc/self/status").read_text())
        if found:
            return round(int(found.group(1)) / 2**10)
    return peak_memory_mib()
