"""Work on many things of which each is read, worked on and written: reading goes ahead, writing follows behind."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

Item = TypeVar("Item")
Read = TypeVar("Read")
Worked = TypeVar("Worked")
Written = TypeVar("Written")

#: Most things that are read ahead, and as many that wait to be written.
AHEAD = 8
#: Together they weigh no more than this; one alone may.
WEIGHT = 16 * 2**20


def staged(
    items: Sequence[Item],
    read: Callable[[Item], Read],
    work: Callable[[Item, Read], Worked],
    write: Callable[[Item, Read, Worked], Written],
    weight: Callable[[Item], int] = lambda item: 0,
) -> Iterator[tuple[Item, Written | None, Exception | None]]:
    """The items in their order, each with what ``write`` returned, or the error that one of the three steps raised.

    ``work`` runs in this thread and for one item at a time, whatever the number of threads, so that results are those
    of a plain loop. What is in flight is bounded, so that memory does not grow with the number of items. A caller that
    stops early waits for the writes that have begun, and for no others.

    Args:
        weight: of an item before it is read, such as the bytes of its file, see :data:`WEIGHT`.
    """
    waiting = iter(items)
    reading: deque[tuple[Item, int, Future[Read]]] = deque()
    writing: deque[tuple[Item, int, Future[Written]]] = deque()
    item = next(waiting, None)
    with ThreadPoolExecutor(2, "read") as readers, ThreadPoolExecutor(2, "write") as writers:
        try:
            while item is not None or reading or writing:
                while item is not None and len(reading) < AHEAD:
                    load = weight(item)
                    if reading and load + _load(reading) + _load(writing) > WEIGHT:
                        break
                    reading.append((item, load, readers.submit(read, item)))
                    item = next(waiting, None)
                if reading:
                    done, load, future = reading.popleft()
                    writing.append((done, load, _worked(done, future, work, write, writers)))
                full = len(writing) > AHEAD or _load(writing) > WEIGHT
                while writing and (full or not (reading or item is not None) or writing[0][2].done()):
                    done, _, written = writing.popleft()
                    full = len(writing) > AHEAD or _load(writing) > WEIGHT
                    error = written.exception()
                    if error is not None and not isinstance(error, Exception):
                        raise error
                    yield done, None if error else written.result(), error
        finally:
            pending: list[Future[Any]] = [*(one for *_, one in reading), *(one for *_, one in writing)]
            for each in pending:
                each.cancel()


def _load(queue: deque[tuple[Any, int, Any]]) -> int:
    return sum(load for _, load, _ in queue)


def _worked(
    item: Any,
    future: Future[Any],
    work: Callable[[Any, Any], Any],
    write: Callable[[Any, Any, Any], Any],
    writers: ThreadPoolExecutor,
) -> Future[Any]:
    try:
        read = future.result()
        return writers.submit(write, item, read, work(item, read))
    except Exception as error:
        failed: Future[Any] = Future()
        failed.set_exception(error)
        return failed
