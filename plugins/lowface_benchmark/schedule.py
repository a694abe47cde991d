"""All cells of a benchmark, in processes of one thread each; what fails is told and stops nothing else."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from lowface_benchmark.plan import UNTOUCHED, Method, Plan
from lowface_benchmark.worker import COST, finished, work

#: Cells to do, method, data set or ``cost``, reason or None, seconds.
Told = Callable[[int, str, str, str | None, float], None]


@dataclass
class _Running:
    name: str
    process: BaseProcess
    said: Connection
    open: list[str] = field(default_factory=list)


def run_all(plan: Plan, root: Path, jobs: int, overwrite: bool, told: Told) -> None:
    """Fills every cell, a process a method; first the untouched pictures, whose embeddings all methods share.

    Args:
        jobs: processes at once, at most.
        told: called for every cell when it is done or has failed.
    """
    everything: list[Method | None] = [None, *(m for m in plan.methods if overwrite or not finished(plan, m, root))]
    running: list[_Running] = []
    total = len(everything) * (len(plan.datasets) + 1) - 1
    try:
        while everything or running:
            alone = any(each.name == UNTOUCHED for each in running)
            while everything and len(running) < jobs and not alone:
                first = everything.pop(0)
                running.append(_start(plan, first, root, overwrite))
                alone = first is None
            for said in wait([each.said for each in running]):
                _listen(next(each for each in running if each.said is said), running, partial(told, total))
    finally:
        for each in running:
            each.process.terminate()
            each.process.join()


def _start(plan: Plan, method: Method | None, root: Path, overwrite: bool) -> _Running:
    context = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
    said, told = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(plan, method, root, overwrite, told))
    process.start()
    told.close()  # so that the end of the process ends the pipe
    own = [] if method is None else [COST]
    name = UNTOUCHED if method is None else method.name
    return _Running(name, process, said, [*own, *(data.name for data in plan.datasets)])


def _listen(one: _Running, running: list[_Running], told: Callable[[str, str, str | None, float], None]) -> None:
    """Takes in a message, or the end of a process, whose cells that nothing was said of have failed."""
    try:
        cell, reason, seconds = one.said.recv()
        one.open.remove(cell)
        told(one.name, cell, reason, seconds)
    except EOFError:
        one.process.join()
        running.remove(one)
        for cell in one.open:
            told(one.name, cell, f"its process ended with exit code {one.process.exitcode}; see log.txt", 0.0)
