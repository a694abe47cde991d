"""Ctrl-C during training: finish the iteration, save, say how to resume."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType

import torch
import torch.distributed as dist

from lowface_core.errors import LowfaceError


class TrainingStoppedError(LowfaceError):
    """Training was interrupted and saved; the message says how to resume."""

    exit_code = 130


class Interrupt:
    """Context in which SIGINT and SIGTERM only raise a flag; a second SIGINT ends the process at once as usual."""

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self.flag = False

    def __enter__(self) -> Interrupt:
        self._main = threading.current_thread() is threading.main_thread()
        if self._main:
            self._before = {number: signal.signal(number, self._raise_flag) for number in self.SIGNALS}
        return self

    def _raise_flag(self, number: int, frame: FrameType | None) -> None:
        self.flag = True
        signal.signal(number, self._before[signal.Signals(number)])

    def agreed(self, device: torch.device) -> bool:
        """Whether any process was interrupted, so that all stop after the same iteration."""
        if not (dist.is_available() and dist.is_initialized()):
            return self.flag
        flag = torch.tensor(int(self.flag), device=device)
        dist.all_reduce(flag, op=dist.ReduceOp.MAX)
        return bool(flag.item())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._main:
            for number, handler in self._before.items():
                signal.signal(number, handler)
