"""What the result of a benchmark holds."""

from __future__ import annotations

from typing import Any, Literal

from lowface_core.runs.result_schema import Figure, Part, Result, Stage


class Cost(Part):
    """What a method costs, see :func:`lowface_benchmark.cost.cost`; null where there is no network."""

    seconds: float
    peak_memory_mib: int
    parameters: int | None
    flops: int | None
    size: list[int]
    threads: int


class ShownColumn(Part):
    """A column as tables show it, see :class:`lowface_core.report.tables.Column`."""

    key: str
    label: str
    better: str
    variant: str
    unit: str
    source: str
    percent: bool


class Test(Part):
    """A method against another on the same pictures; ``corrected`` is ``p`` corrected for all tests of the data set."""

    column: str
    method: str
    reference: str
    difference: float
    low: float | None
    high: float | None
    p: float | None
    corrected: float | None
    test: Literal["mcnemar", "bootstrap"]


class Compared(Part):
    """All methods on one data set.

    ``rows``: stage → method → column → number; the stage ``low`` has the pictures as they are, ``normal`` their
    references.
    """

    kind: str
    pictures: int | None
    data: str
    columns: list[ShownColumn]
    rows: dict[Stage, dict[str, dict[str, Figure]]]
    tests: list[Test]
    notes: list[str]


class Failure(Part):
    """A cell that could not be measured: a method on a data set, or its ``cost``."""

    method: str
    cell: str
    reason: str


class Benchmark(Result):
    """Methods against each other; ``methods`` are in the order of the config, null where no cost is known."""

    reference: str | None
    methods: dict[str, Cost | None]
    datasets: dict[str, Compared]
    failed: list[Failure]
    manifest: dict[str, Any]
