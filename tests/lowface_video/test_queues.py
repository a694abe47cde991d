from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from lowface_video.queues import Ahead, Behind


def test_few_things_are_read_ahead_in_their_order() -> None:
    read: list[int] = []

    def source() -> Iterator[int]:
        for number in range(50):
            read.append(number)
            yield number

    ahead = Ahead(source(), 3)
    got = []
    for number in ahead:
        got.append(number)
        assert len(read) - len(got) <= 4
    assert got == list(range(50))


def test_an_error_comes_in_its_place_and_stopping_ends_the_thread() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise OSError("broken off")

    broken = iter(Ahead(source(), 3))
    assert next(broken) == 1
    with pytest.raises(OSError, match="broken off"):
        next(broken)
    before = threading.active_count()
    endless = Ahead(iter(int, 1), 2)
    next(iter(endless))
    endless.stop()
    assert threading.active_count() == before


def test_what_is_handed_over_is_done_in_order_and_an_error_is_told() -> None:
    done: list[int] = []
    behind = Behind(lambda number: (time.sleep(0.001), done.append(number)), 2)
    for number in range(20):
        behind.put(number)
    behind.finish()
    assert done == list(range(20))
    behind = Behind(lambda number: 1 // number, 2)
    behind.put(0)
    with pytest.raises(ZeroDivisionError):
        behind.finish()
    behind.stop()
