"""Reading ahead and writing behind, each in a thread of its own, through queues that hold a few things at most."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from queue import Empty, Full, Queue
from typing import Any, Generic, TypeVar

T = TypeVar("T")
#: How often a thread that waits looks whether it is still wanted, in seconds.
LOOK = 0.1
_END = object()


class Ahead(Generic[T]):
    """Iterates over what a thread reads ahead; an error of the thread is raised where it would have come.

    Args:
        size: most things that wait.
    """

    def __init__(self, items: Iterable[T], size: int) -> None:
        self._queue: Queue[Any] = Queue(size)
        self._stopped = threading.Event()
        self._error: BaseException | None = None
        # a daemon: a camera that sends nothing more cannot be interrupted while it is read
        self._thread = threading.Thread(target=self._read, args=(items,), name="read frames", daemon=True)
        self._thread.start()

    def _read(self, items: Iterable[T]) -> None:
        try:
            for item in items:
                if not self._put(item):
                    return
        except BaseException as error:
            self._error = error
        self._put(_END)

    def _put(self, item: Any) -> bool:
        while not self._stopped.is_set():
            try:
                self._queue.put(item, timeout=LOOK)
                return True
            except Full:
                continue
        return False

    def __iter__(self) -> Iterator[T]:
        while True:
            try:
                item = self._queue.get(timeout=LOOK)  # so that Ctrl-C is noticed on every system
            except Empty:
                continue
            if item is _END:
                break
            yield item
        if self._error is not None:
            raise self._error

    def stop(self, wait: float = 2.0) -> bool:
        """Lets the thread end, and waits for that for so many seconds at most; whether it has ended."""
        self._stopped.set()
        self._thread.join(wait)
        return not self._thread.is_alive()


class Behind(Generic[T]):
    """Calls a function with one thing after the other, in a thread; an error of it is raised by :meth:`put`."""

    def __init__(self, take: Callable[[T], Any], size: int) -> None:
        self._take = take
        self._queue: Queue[Any] = Queue(size)
        self._stopped = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="write frames", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while not self._stopped.is_set():
            try:
                item = self._queue.get(timeout=LOOK)
            except Empty:
                continue
            if item is _END:
                return
            try:
                self._take(item)
            except BaseException as error:
                self._error = error
                return

    def put(self, item: Any) -> None:
        """Hands over a thing, when there is room for it."""
        while True:
            if self._error is not None:
                raise self._error
            try:
                self._queue.put(item, timeout=LOOK)
                return
            except Full:
                continue

    def finish(self) -> None:
        """Waits until everything is done."""
        self.put(_END)
        while self._thread.is_alive():
            self._thread.join(LOOK)
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Lets the thread end after what it does just now, and waits for that."""
        self._stopped.set()
        self._thread.join()
