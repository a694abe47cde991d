"""How much memory a run used."""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path


def peak_memory_mib(status: Path = Path("/proc/self/status")) -> int:
    """Largest resident memory of this process so far, in MiB.

    Linux keeps ``ru_maxrss`` across ``exec``, so a small process started by a large one would report its parent's; the
    high-water mark in ``/proc`` is the process's own. Elsewhere ``ru_maxrss`` has to do (bytes on macOS, else KiB).
    """
    if status.is_file() and (mark := re.search(r"VmHWM:\s*(\d+) kB", status.read_text())):
        return round(int(mark.group(1)) / 2**10)
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)
