"""The process of one method: its cost, then its cells; each says how it went as soon as it is done."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from lowface_benchmark.plan import Method, Plan, cell_folder
from lowface_core.errors import LowfaceError
from lowface_core.files import read_json, write_json
from lowface_core.runs.results import RESULT

#: Stands for a data set in messages about a method's cost.
COST = "cost"


def work(plan: Plan, method: Method | None, root: Path, overwrite: bool, told: Connection) -> None:
    """Fills every cell of a method, None being the pictures as they are; runs in a process of its own.

    Sends ``(data set, reason, seconds)`` for each cell, and for the cost; the reason is None where nothing failed.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import torch

    torch.set_num_threads(1)
    from lowface_benchmark.cell import fill

    with _log(root / "log.txt"):
        if method is not None:
            told.send((COST, *_tried(lambda: _cost(plan, method, root, overwrite))))
        for data in plan.datasets:
            told.send((data.name, *_tried(lambda data=data: fill(plan, data, method, root, overwrite))))
    told.close()


def _tried(action: Any) -> tuple[str | None, float]:
    """Why an action failed, if it did, in one line, and the seconds it took."""
    began = time.monotonic()
    reason = None
    try:
        action()
    except LowfaceError as error:
        reason = str(error).split("\n")[0]
    except Exception as error:
        reason = f"unexpected {type(error).__name__}: {' '.join(str(error).split())}"
        if os.environ.get("LOWFACE_DEBUG") == "1":
            raise
    return reason, time.monotonic() - began


def cost_file(root: Path, method: str) -> Path:
    """Where a method's cost stands."""
    return root / "costs" / f"{method}.json"


def finished(plan: Plan, method: Method, root: Path) -> bool:
    """Whether a method's cost and all of its cells are there, of the files that it has now."""
    cells = (cell_folder(root, data.name, method.name) / RESULT for data in plan.datasets)
    return _has_cost(method, root) and all(cell.is_file() for cell in cells)


def _has_cost(method: Method, root: Path) -> bool:
    file = cost_file(root, method.name)
    return file.is_file() and read_json(file).get("identity") == json.loads(json.dumps(method.identity()))


def _cost(plan: Plan, method: Method, root: Path, overwrite: bool) -> None:
    """Measures what a method costs, unless that is known."""
    from lowface_benchmark.cost import cost
    from lowface_benchmark.samples import samples

    if overwrite or not _has_cost(method, root):
        content = {**cost(method, samples(plan)), "identity": method.identity()}
        write_json(cost_file(root, method.name), content)


@contextmanager
def _log(file: Path) -> Iterator[None]:
    """What is said meanwhile goes to a file: several processes on one terminal cannot be read."""
    with file.open("a", encoding="utf-8", errors="backslashreplace") as log, redirect_stderr(log), redirect_stdout(log):
        yield
        sys.stderr.flush()


def _end_with_parent() -> None:
    """A benchmark that is killed takes its processes along, so that they hold no folder when it is started again."""
    parent = multiprocessing.parent_process()
    while parent is not None and parent.is_alive():
        time.sleep(0.5)
    os._exit(1)
