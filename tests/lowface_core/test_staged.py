"""Reading ahead and writing behind gives what a plain loop gives, in bounded space."""

from __future__ import annotations

import threading
import time

import pytest

from lowface_core import staged as module
from lowface_core.staged import AHEAD, staged


def test_outcomes_are_those_of_a_plain_loop_in_order() -> None:
    def read(item: int) -> int:
        time.sleep(0.001 * (item % 3))
        if item == 4:
            raise OSError("unreadable")
        return 10 * item

    def work(item: int, value: int) -> int:
        if item == 7:
            raise ValueError("no work")
        return value + 1

    def write(item: int, value: int, worked: int) -> tuple[int, int]:
        time.sleep(0.001 * (item % 2))
        if item == 9:
            raise OSError("full")
        return value, worked

    found = list(staged(range(40), read, work, write))
    assert [item for item, _, _ in found] == list(range(40))
    errors = {item: str(error) for item, _, error in found if error is not None}
    assert errors == {4: "unreadable", 7: "no work", 9: "full"}
    assert [result for item, result, _ in found if item not in errors] == [
        (10 * item, 10 * item + 1) for item in range(40) if item not in errors
    ]
    assert list(staged([], read, work, write)) == []


def test_work_is_done_here_and_the_rest_elsewhere() -> None:
    places: dict[str, set[str]] = {"read": set(), "work": set(), "write": set()}

    def note(step: str) -> None:
        places[step].add(threading.current_thread().name)

    list(staged(range(9), lambda i: note("read"), lambda i, r: note("work"), lambda i, r, w: note("write")))
    assert places["work"] == {threading.current_thread().name}
    assert not places["work"] & (places["read"] | places["write"])


@pytest.mark.parametrize("load", [0, module.WEIGHT // 2, 2 * module.WEIGHT])
def test_what_is_in_flight_is_bounded(load: int) -> None:
    lock, counts = threading.Lock(), {"now": 0, "most": 0}

    def read(item: int) -> int:
        with lock:
            counts["now"] += 1
            counts["most"] = max(counts["most"], counts["now"])
        return item

    def write(item: int, value: int, worked: int) -> None:
        time.sleep(0.001)

    for _, _, error in staged(range(100), read, lambda i, r: r, write, lambda item: load):
        assert error is None
        with lock:
            counts["now"] -= 1
    assert counts["now"] == 0
    assert counts["most"] <= {0: 2 * AHEAD + 2, 1: 4}.get(min(load, 1), 4)
    assert counts["most"] > 1 or load > module.WEIGHT


def test_who_stops_early_leaves_the_rest_undone() -> None:
    written: list[int] = []
    outcomes = staged(range(1000), lambda i: i, lambda i, r: r, lambda i, r, w: written.append(i))
    for item, _, _ in outcomes:
        if item == 5:
            break
    outcomes.close()
    assert len(written) < 100


def test_an_interruption_ends_it() -> None:
    def work(item: int, value: int) -> int:
        if item == 3:
            raise KeyboardInterrupt
        return value

    with pytest.raises(KeyboardInterrupt):
        list(staged(range(1000), lambda i: i, work, lambda i, r, w: None))
