"""From samples to batches: collating, a resumable sample order for training, a plain order for evaluation."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from multiprocessing import active_children
from multiprocessing.queues import Queue
from signal import strsignal
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Sampler
from torch.utils.data import Dataset as TorchDataset

from lowface_core.data.keyed_rng import keyed_rng
from lowface_core.errors import DataError, LowfaceError
from lowface_core.registry.owner import owned


def to_tensor(value: Any) -> Any:
    """An item's value as a tensor: arrays and numbers become tensors, text stays text."""
    if isinstance(value, np.ndarray):
        return torch.from_numpy(np.ascontiguousarray(value))
    return torch.as_tensor(value) if isinstance(value, (bool, int, float, np.generic)) else value


def collate(items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Items → batch: tensors stacked along a new first dimension, texts in a list.

    Raises:
        DataError: pictures differ in size; names two of them.
    """
    batch: dict[str, Any] = {}
    for name in items[0]:
        values = [to_tensor(item[name]) for item in items]
        if not isinstance(values[0], Tensor):
            batch[name] = values
            continue
        odd = next((i for i, v in enumerate(values) if v.shape != values[0].shape), None)
        if odd is not None:
            first, other = items[0].get("key", 0), items[odd].get("key", odd)
            raise DataError(
                f"{name} of {first!r} is {tuple(values[0].shape)} and of {other!r} {tuple(values[odd].shape)}; "
                "give the data set a size= or use batch_size=1"
            )
        batch[name] = torch.stack(values)
    return batch


class RunOrder(Sampler[list[tuple[int, int]]]):
    """Batches of (sample index, position in the run) without end; every pass over the data is a fresh permutation.

    The order depends on seed, length, batch size and number of processes alone, so a run continues where it stopped by
    setting :attr:`start`, without drawing what it has already seen.

    Args:
        length: samples in the data set.
        batch_size: samples per batch and process.
        rank, world: this process and their number; together they draw one global order.
    """

    def __init__(self, length: int, batch_size: int, seed: int, rank: int = 0, world: int = 1) -> None:
        self.length, self.batch_size, self.seed, self.rank, self.world = length, batch_size, seed, rank, world
        self.start = 0

    def __len__(self) -> int:
        """Batches in one pass over the data, at least one."""
        return max(self.length // (self.batch_size * self.world), 1)

    def iterations(self, max_iters: int | None, max_epochs: int | None) -> int:
        """Length of a run that is given in iterations, or in passes over the data."""
        return max_iters or (max_epochs or 1) * len(self)

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        iteration, epoch, order = self.start, -1, np.empty(0, dtype=np.int64)
        while True:
            first = (iteration * self.world + self.rank) * self.batch_size
            batch = []
            for position in range(first, first + self.batch_size):
                if position // self.length != epoch:
                    epoch = position // self.length
                    order = keyed_rng(self.seed, epoch).permutation(self.length)
                batch.append((int(order[position % self.length]), position))
            yield batch
            iteration += 1


class _RunView(TorchDataset[dict[str, Any]]):
    """A data set as the training loader asks for it; the generator of a sample follows from seed and position.

    A user's mistake is handed on as a value: torch turns what a worker raises into many lines of traceback.
    """

    def __init__(self, dataset: Any, seed: int) -> None:
        self.dataset, self.seed = dataset, seed

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, place: tuple[int, int]) -> Any:
        index, position = place
        try:
            with owned(self.dataset, f"sample {index}"):
                if not hasattr(self.dataset, "item"):  # a plain torch data set without randomness of its own
                    return self.dataset[index]
                rng = keyed_rng(1, self.seed, position)
                draw = getattr(self.dataset, "draw", None)
                return self.dataset.item(index, rng) if draw is None else draw(index, rng, position)
        except LowfaceError as error:
            return error


#: Of the temporary folder's name: a socket's path has 107 characters at most, and Python adds 31.
LONGEST = 76


def _collate_or_error(items: Sequence[Any]) -> Any:
    fault = next((item for item in items if isinstance(item, LowfaceError)), None)
    try:
        return fault or collate(items)
    except LowfaceError as error:
        return error


def _begin_worker(worker: int) -> None:
    """Leaves signals to the parent, and ends where a batch cannot be handed over, for which the parent would wait.

    Terminals, ``timeout`` and batch systems signal the whole group; a worker that ends would end the run unsaved.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # a second one ends it: that is how a loader that nobody closed gets rid of its workers when the process exits
    signal.signal(signal.SIGTERM, lambda number, frame: signal.signal(signal.SIGTERM, signal.SIG_DFL))
    # batches travel in shared memory; where that is full, Python would show a traceback and go on without the batch
    Queue._on_queue_feeder_error = staticmethod(lambda error, batch: os._exit(1))  # type: ignore[attr-defined]


def training_loader(dataset: Any, order: RunOrder, workers: int = 0) -> DataLoader[dict[str, Any]]:
    """Endless loader over ``order``, to be read through :func:`served`; the same batches with any number of workers."""
    return DataLoader(
        _RunView(dataset, order.seed),
        batch_sampler=order,
        num_workers=workers,
        collate_fn=_collate_or_error,
        worker_init_fn=_begin_worker,
        # its own, because a loader draws when it starts: from torch's, a resumed run would draw once more than another
        generator=torch.Generator().manual_seed(order.seed),
        pin_memory=torch.cuda.is_available(),
    )


def served(loader: DataLoader[dict[str, Any]]) -> Generator[dict[str, Any], None, None]:
    """The batches of a training loader.

    Raises:
        LowfaceError: what the data set raised, in this process or in a worker; or a worker ended.
    """
    others = set(active_children())
    batches = iter(loader)
    workers = set(active_children()) - others
    while True:
        try:
            batch = next(batches)
        except StopIteration:
            return
        except RuntimeError as error:
            if "DataLoader worker" not in str(error):
                raise
            # torch says by which signal or not, depending on how it notices
            signals = [strsignal(-code) for worker in workers if (code := worker.exitcode or 0) < 0]
            cause = signals[0] if signals else "it could not hand over a batch"
            cure = "perhaps memory or shared memory (/dev/shm) is full: set num_workers=0, or a smaller batch_size"
            if not signals and len(place := tempfile.gettempdir()) > LONGEST:
                cure = f"sockets cannot lie in {place}, whose name is too long: set TMPDIR to a shorter one"
            raise LowfaceError(f"num_workers: a process that reads the data ended ({cause}); {cure}") from None
        if isinstance(batch, LowfaceError):
            raise batch
        yield batch


def evaluation_batches(dataset: Any, batch_size: int, start: int = 0) -> Iterator[dict[str, Any]]:
    """Every sample once, in order; a batch ends early where the next picture has another size.

    Args:
        start: sample to begin with; where a batch ended, the following batches are the same as without a break.
    """
    waiting: list[dict[str, Any]] = []
    for index in range(start, len(dataset)):
        with owned(dataset, f"sample {index}"):
            item = dataset[index]
        if waiting and (len(waiting) == batch_size or _shape(item) != _shape(waiting[0])):
            yield collate(waiting)
            waiting = []
        waiting.append(item)
    if waiting:
        yield collate(waiting)


def _shape(item: Mapping[str, Any]) -> list[tuple[int, ...]]:
    return [tuple(np.shape(v)) for v in item.values() if not isinstance(v, str)]


def to_device(batch: Mapping[str, Any], device: torch.device) -> dict[str, Any]:
    """The batch with its tensors on the device."""
    return {k: v.to(device, non_blocking=True) if isinstance(v, Tensor) else v for k, v in batch.items()}
