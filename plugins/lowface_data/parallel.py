"""Work shared out to processes, results in order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from lowface_core.progress import counted


def each(work: Callable[[Any], Any], tasks: Sequence[Any], jobs: int, label: str) -> Iterator[Any]:
    """``work`` of every task, in the order of the tasks, from ``jobs`` processes; one works in this process.

    ``work`` is a module's function; it, the tasks and the results must pickle. ``label`` stands at a terminal's bar.
    """
    with counted(label, len(tasks)) as advance:
        for result in map(work, tasks) if jobs < 2 or len(tasks) < 2 * jobs else _from_processes(work, tasks, jobs):
            yield result
            advance(1)


def _from_processes(work: Callable[[Any], Any], tasks: Sequence[Any], jobs: int) -> Iterator[Any]:
    # spawned, not forked: this process may hold threads by now
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, spawn, _follow, (os.getpid(),)) as pool:
        try:
            yield from pool.map(work, tasks, chunksize=4)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _follow(parent: int) -> None:
    """Makes a worker end with its parent, however that ends, and leave signals to it, which reach the whole group."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
