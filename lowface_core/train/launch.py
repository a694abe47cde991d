"""One process, or several started by torchrun; Ctrl-C: finish the iteration, save, say how to resume."""

from __future__ import annotations

import os
import random
import signal
import threading
from types import FrameType
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


def several() -> bool:
    """Whether several processes train together."""
    return dist.is_available() and dist.is_initialized()


def barrier() -> None:
    """Waits for the other processes, if any."""
    if several():
        dist.barrier()


def share(value: Any) -> Any:
    """The main process's value, in every process."""
    box = [value]
    if several():
        dist.broadcast_object_list(box)
    return box[0]


def stop() -> None:
    """Leaves the process group, if any."""
    if several():
        dist.destroy_process_group()


class TrainingStoppedError(LowfaceError):
    """Training was interrupted and saved; the message says how to resume, in the main process alone."""

    exit_code = 130


class Interrupt:
    """Context in which SIGINT and SIGTERM only raise a flag; a second SIGINT ends the process at once as usual.

    Under torchrun it does not: of one stop each process may hear twice, from the batch system and from torchrun, which
    itself ends processes that take longer than half a minute.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self.flag = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._raise_flag) for number in self.SIGNALS}
        return self

    def _raise_flag(self, number: int, frame: FrameType | None) -> None:
        self.flag = True
        if not several():
            signal.signal(number, self._before[number])

    def agreed(self, device: torch.device) -> bool:
        """Whether any process was interrupted, so that all stop after the same iteration."""
        if not several():
            return self.flag
        flag = torch.tensor(int(self.flag), device=device)
        dist.all_reduce(flag, op=dist.ReduceOp.MAX)
        return bool(flag.item())

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
