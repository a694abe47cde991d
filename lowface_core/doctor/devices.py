"""Devices and threads: what torch finds, and whether it computes there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

from lowface_core.doctor.environment import processors
from lowface_core.doctor.finding import FAULT, OK, WARNING, Finding
from lowface_core.registry.registration import cause

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")


def check() -> Iterator[Finding]:
    """What ``device = "auto"`` would take, every device tried with a small product, and the threads."""
    yield from threads_set(processors())
    try:
        import torch
    except (Exception, SystemExit) as error:
        yield Finding(FAULT, f"torch cannot be imported: {cause(error)}", "see pytorch.org on how to install it here")
        return
    threads = torch.get_num_threads()
    yield _computes(torch, "cpu", f"{threads} thread{'' if threads == 1 else 's'}")
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            facts = torch.cuda.get_device_properties(index)
            yield _computes(torch, f"cuda:{index}", f"{facts.name}, {facts.total_memory / 2**30:.0f} GiB")
    elif shutil.which("nvidia-smi"):
        built = f"was built for CUDA {torch.version.cuda}" if torch.version.cuda else "is a build without CUDA"
        cure = "install a torch build that fits the driver, or update the driver; until then everything runs on the CPU"
        yield Finding(WARNING, f"there is an NVIDIA driver, but torch {torch.__version__} {built} sees no GPU", cure)
    if torch.backends.mps.is_available():
        yield _computes(torch, "mps", "Apple GPU")
    from lowface_core.device import pick

    yield Finding(OK, f"device = 'auto' means {pick('auto')}")


def _computes(torch: Any, device: str, what: str) -> Finding:
    try:
        x = torch.ones(8, 8, device=device)
        right = bool(((x @ x) == 8).all())
    except Exception as error:
        cure = "choose another with --device, e.g. --device cpu; restarting or updating the driver may help"
        return Finding(FAULT, f"{device} ({what}) does not compute: {cause(error)}", cure)
    if not right:
        return Finding(FAULT, f"{device} ({what}) computes wrong numbers", "choose another with --device")
    return Finding(OK, f"{device}: {what}")


def threads_set(cores: int) -> Iterator[Finding]:
    """Findings about the variables that set the number of threads."""
    for name in THREADS:
        value = os.environ.get(name)
        if value is None:
            continue
        if not value.isdigit() or int(value) < 1:
            yield Finding(FAULT, f"{name}={value}: no number of threads", f"write {name}={cores}, or unset it")
        elif int(value) > cores:
            cure = f"write {name}={cores}, or unset it"
            what = f"{name}={value}, and there are {cores} processors: threads get in each other's way"
            yield Finding(WARNING, what, cure)
        else:
            yield Finding(OK, f"{name}={value}")
