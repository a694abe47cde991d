"""One process, or several started by torchrun."""

from __future__ import annotations

import os
import random
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.distributed as dist
from mmengine.utils.dl_utils import set_multi_processing

from lowface_core.errors import LowfaceError


class Process(NamedTuple):
    """This process among those that train together.

    Attributes:
        rank: its number; 0 is the main process, the only one that measures and writes.
        world: how many there are.
        device: where it trains.
    """

    rank: int
    world: int
    device: torch.device


def start(launcher: str, device: torch.device) -> Process:
    """Joins the process group if there is one.

    Args:
        launcher: ``none``, or ``pytorch`` under torchrun.

    Raises:
        LowfaceError: ``pytorch`` without torchrun.
    """
    set_multi_processing(distributed=launcher != "none")
    if launcher == "none":
        return Process(0, 1, device)
    if "RANK" not in os.environ:
        raise LowfaceError("--launcher pytorch: start with torchrun --nproc-per-node N -m lowface_core train CONFIG …")
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    if not dist.is_initialized():
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    return Process(dist.get_rank(), dist.get_world_size(), device)


def seed(number: int) -> None:
    """Seeds every generator that code outside this project may draw from; data sets have generators of their own."""
    random.seed(number)
    np.random.seed(number % 2**32)
    torch.manual_seed(number)


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
