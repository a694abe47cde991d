"""The same work in the processes of a Ray cluster, through Ray Data; needs ``pip install "lowface[ray]"``."""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from lowface_core.errors import LowfaceError
from lowface_core.lazy import needed

#: Items that are given to a worker at once, unless told otherwise; a lost worker's are given to another, all of them.
BLOCK = 16
#: How often a block is given out again after its worker was lost: one picture may be what kills them.
RETRIES = 3
#: The word for a cluster of this machine's own processors, which starts with the command and ends with it.
LOCAL = "local"
#: Variables that Ray reads when it is imported and started.
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else it warns of a change to come
    "RAY_BACKEND_LOG_LEVEL": "fatal",  # else it warns that constructor arguments may be lost, which are held here
}
Work = Callable[[Sequence[Any]], Sequence[Any]]


class Worker:
    """One process of the cluster: loads once, then works on block after block.

    What goes wrong is an answer, not an exception: Ray would take it for the loss of the block, and wrap it.

    Args:
        load: gives the function from items to as many results.
        folder: working folder of the command, by which relative paths are meant.
    """

    def __init__(self, load: Callable[[], Work], folder: str) -> None:
        self.work: Work | None = None
        self.fault: Exception | None = None
        try:
            os.chdir(folder)
            self.work = load()
        except OSError as error:
            self.fault = LowfaceError(f"{folder}: cannot be entered ({error.strerror}); share it under the same path")
        except Exception as error:
            self.fault = error

    def __call__(self, block: dict[str, Any]) -> dict[str, Any]:
        fault, results = self.fault, []
        if self.work is not None:
            try:
                results = [pickle.dumps(each) for each in self.work([pickle.loads(item) for item in block["item"]])]
            except Exception as error:
                fault = error
        if fault is None:
            return {"index": block["index"], "result": results, "fault": [""] * len(results)}
        count = len(block["index"])
        where = "" if isinstance(fault, LowfaceError) else f"{type(fault).__name__}: "
        line = f"worker on {socket.gethostname()}: {where}{fault}"
        return {"index": block["index"], "result": [b""] * count, "fault": [line] * count}


def needs_gpu(device: str) -> bool | None:
    """What ``--device`` means for workers, see :func:`spread`.

    Raises:
        LowfaceError: a GPU is named by its number.
    """
    if device.startswith("cuda:"):
        raise LowfaceError(f"--device {device}: which GPU a worker has is for Ray to say; write --device cuda")
    return {"cuda": True, "auto": None}.get(device, False)


def spread(
    items: Sequence[Any], load: Callable[[], Work], address: str, gpu: bool | None = False, block: int = BLOCK
) -> Iterator[tuple[int, Any]]:
    """Works on items in the processes of a Ray cluster, one for each of its processors or GPUs.

    A worker that is lost is replaced, and its block is worked on again; so work on an item must bear to be done twice.

    Args:
        items: picklable; paths are the same on all machines.
        load: picklable; called once in each worker, gives the function from a block of items to as many results.
        address: of the cluster, as ``ray.init`` takes it, or :data:`LOCAL`.
        gpu: whether each worker has a GPU; None: if the cluster has any.
        block: items that are given to a worker at once.

    Yields:
        index and result of each item, as they come; none for items that lost their worker again and again.

    Raises:
        PluginError: Ray is not installed.
        LowfaceError: the cluster cannot be reached, lacks a GPU, or a worker cannot load; says on which machine.
    """
    # nothing is told to anybody outside the cluster, and a terminal is for the command's own lines
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    ray, data = needed("ray", "ray", "--ray"), needed("ray.data", "ray", "--ray")
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    with contextlib.redirect_stdout(sys.stderr):  # where Ray says, to its very end, that a worker was lost
        own = not ray.is_initialized()
        if own:
            _start(ray, address)
        try:
            yield from _spread(ray, data, items, load, gpu, address, block)
        finally:
            if own:
                ray.shutdown()


def _start(ray: Any, address: str) -> None:
    local = {"include_dashboard": False} if address == LOCAL else {}
    try:
        _listened_to(address)
        ray.init(address=address, logging_level=logging.ERROR, log_to_driver=False, **local)
    except (OSError, ValueError, RuntimeError) as error:  # ConnectionError is one of the first
        reason = " ".join(str(error).split())[:200]
        raise LowfaceError(f"--ray {address}: no such cluster can be reached ({reason}); or use --ray local") from error


def _listened_to(address: str) -> None:
    """Raises OSError where nobody listens at ``HOST:PORT``: Ray would go on asking for minutes."""
    host, _, port = address.rpartition("/")[2].rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()


def _spread(
    ray: Any, data: Any, items: Sequence[Any], load: Callable[[], Work], gpu: bool | None, address: str, block: int
) -> Iterator[tuple[int, Any]]:
    context = data.DataContext.get_current()
    context.enable_progress_bars = False
    context.max_errored_blocks = -1  # a block that is lost for good is the caller's to tell
    resources = ray.cluster_resources()
    gpus = int(resources.get("GPU", 0))
    if gpu and not gpus:
        raise LowfaceError(f"--ray {address}: the cluster has no GPU; use --device cpu")
    use_gpu = gpus > 0 if gpu is None else gpu
    blocks = -(-len(items) // block)
    workers = max(1, min(blocks, gpus if use_gpu else int(resources.get("CPU", 1))))
    rows = [{"index": index, "item": pickle.dumps(item)} for index, item in enumerate(items)]
    results = data.from_items(rows, override_num_blocks=max(1, blocks)).map_batches(
        Worker,
        fn_constructor_args=(load, os.getcwd()),
        batch_size=block,
        compute=data.ActorPoolStrategy(min_size=workers, max_size=workers),
        num_cpus=1,
        num_gpus=1 if use_gpu else 0,
        ray_remote_args_fn=lambda: {"max_restarts": -1, "max_task_retries": RETRIES},
    )
    for row in results.iter_rows():
        if row["fault"]:
            raise LowfaceError(row["fault"])
        yield int(row["index"]), pickle.loads(row["result"])
