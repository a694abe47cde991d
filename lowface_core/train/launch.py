"""One process, or several started by torchrun."""

from __future__ import annotations

import os
from typing import Any

import torch
import torch.distributed as dist

from lowface_core.errors import LowfaceError


def start(launcher: str, device: torch.device) -> tuple[int, int, torch.device]:
    """Joins the process group if there is one.

    Args:
        launcher: ``none``, or ``pytorch`` under torchrun.

    Returns:
        rank, number of processes, this process's device.

    Raises:
        LowfaceError: ``pytorch`` without torchrun.
    """
    if launcher == "none":
        return 0, 1, device
    if "RANK" not in os.environ:
        raise LowfaceError("--launcher pytorch: start with torchrun --nproc-per-node N -m lowface_core train CONFIG …")
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    if not dist.is_initialized():
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    return dist.get_rank(), dist.get_world_size(), device


def barrier() -> None:
    """Waits for the other processes, if any."""
    if dist.is_available() and dist.is_initialized():
        dist.barrier()


def share(value: Any) -> Any:
    """The main process's value, in every process."""
    if not (dist.is_available() and dist.is_initialized()):
        return value
    box = [value]
    dist.broadcast_object_list(box)
    return box[0]


def stop() -> None:
    """Leaves the process group, if any."""
    if dist.is_available() and dist.is_initialized():
        dist.destroy_process_group()
