"""How a benchmark is shown: an overview, a table a data set, the tests, the costs, and a grid of pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from lowface_benchmark.plan import UNTOUCHED
from lowface_benchmark.result_schema import Benchmark
from lowface_core.report.result_report import ResultReport
from lowface_core.report.tables import Cell, Column, Table, cell, make
from lowface_core.runs.result_schema import STAGES

if TYPE_CHECKING:
    from lowface_core.report.album import Album
    from lowface_core.report.galleries import Gallery
    from lowface_core.report.inputs import Source

#: Above it, a difference may be chance.
SIGNIFICANT = 0.05
#: Columns of recognition that the overview has room for; of an evaluation it has all.
HEADLINES = ("rank1", "accuracy", "undetected")
COSTS = {
    "seconds": Column("seconds", "time", "lower", unit="ms a picture"),
    "peak_memory_mib": Column("peak_memory_mib", "peak memory", "lower", unit="MiB"),
    "parameters": Column("parameters", "parameters", unit="thousands"),
    "flops": Column("flops", "FLOPs", unit="G a picture"),
}
SCALES = {"seconds": 1e3, "peak_memory_mib": 1.0, "parameters": 1e-3, "flops": 1e-9}

Rows = list[tuple[str, list[tuple[str, Sequence[Cell]]]]]


class BenchmarkReport(ResultReport):
    """Methods against each other."""

    schema, command, heading = Benchmark, "benchmark", "Benchmark"
    facts: ClassVar[tuple[str, ...]] = ("failed",)

    def tables(self, sources: Sequence[Source]) -> list[Table]:
        """Of each benchmark: overview, data sets, tests, costs."""
        made: list[Table] = []
        for source in sources:
            content = source.content
            of = "" if len(sources) == 1 else f", {source.name}"
            found = [overview(content)]
            for name, data in content["datasets"].items():
                found += [figures(name, data, failures(content, name)), *differences(name, data)]
            found.append(costs(content))
            made += [_with_id(table, f"benchmark-{len(made) + place}", of) for place, table in enumerate(found, 1)]
        return made

    def galleries(self, source: Source, album: Album) -> list[Gallery]:
        """A grid a data set: rows are pictures, columns methods."""
        from lowface_benchmark.grid import grids

        return grids(source, album)


def _with_id(table: Table, id: str, of: str) -> Table:
    return replace(table, id=id, caption=table.caption + of)


def failures(content: Mapping[str, Any], dataset: str) -> dict[str, str]:
    """Why methods have no numbers on a data set."""
    return {one["method"]: one["reason"] for one in content["failed"] if one["cell"] == dataset}


def _columns(data: Mapping[str, Any]) -> list[Column]:
    return [Column(**column) for column in data["columns"]]


def _rows(data: Mapping[str, Any], failed: Mapping[str, str], marks: Mapping[tuple[str, str], str]) -> Rows:
    """Rows by stage; what failed has a row whose first cell says why."""
    keys = [column["key"] for column in data["columns"]]
    stages: Rows = []
    for stage in STAGES:
        rows: list[tuple[str, Sequence[Cell]]] = []
        for name, row in data["rows"].get(stage, {}).items():
            rows.append((name, [cell(row.get(key), _note(row.get(key), marks.get((name, key)))) for key in keys]))
        for name, reason in failed.items():
            if (name == UNTOUCHED) == (stage == "low") and stage != "normal":
                rows.append((name, [Cell(text="failed", note=reason), *(Cell() for _ in keys[1:])][: len(keys)]))
        stages += [(stage, rows)] if rows else []
    return stages


def _note(figure: Mapping[str, Any] | None, mark: str | None) -> str | None:
    return "; ".join(text for text in ((figure or {}).get("note"), mark) if text) or None


def figures(name: str, data: Mapping[str, Any], failed: Mapping[str, str]) -> Table:
    """All methods on a data set, with intervals; what may equal the reference by chance is marked."""
    tests = data["tests"]
    alike = {(t["method"], t["column"]): "n.s." for t in tests if (t["corrected"] or 0) >= SIGNIFICANT}
    notes = [*data["notes"], *_tested(data)]
    count = f" ({data['pictures']} pictures)" if data["pictures"] else ""
    return make("", f"{name}{count}", _columns(data), _rows(data, failed, alike), notes)


def _tested(data: Mapping[str, Any]) -> list[str]:
    tests = data["tests"]
    if not tests:
        return []
    words = {"mcnemar": "McNemar's exact test", "bootstrap": "paired bootstrap"}
    by = {test["column"]: f"{test['reference']} in {test['column']} ({words[test['test']]})" for test in tests}
    return [
        f"n.s.: not significantly different (p ≥ {SIGNIFICANT:g}) from {'; '.join(by.values())}. "
        f"{len(tests)} comparisons, p-values corrected for their number (Holm).",
    ]


def differences(name: str, data: Mapping[str, Any]) -> list[Table]:
    """What the tests found: differences with intervals and corrected p-values, a row a method."""
    tests = {(test["method"], test["column"]): test for test in data["tests"]}
    if not tests:
        return []
    shown = [column for column in _columns(data) if any(key == column.key for _, key in tests)]
    columns = [
        each
        for column in shown
        for each in (
            Column(column.key, f"Δ {column.label}", "", column.variant, column.unit, percent=column.percent),
            Column(f"p {column.key}", f"p ({column.label})"),
        )
    ]
    methods = list(dict.fromkeys(method for method, _ in tests))
    rows: list[tuple[str, Sequence[Cell]]] = []
    for method in methods:
        cells: list[Cell] = []
        for column in shown:
            test = tests.get((method, column.key), {})
            cells += [Cell(test.get("difference"), test.get("low"), test.get("high")), Cell(test.get("corrected"))]
        rows.append((method, cells))
    against = {test["column"]: test["reference"] for test in data["tests"]}
    note = "Differences from " + "; ".join(f"{reference} in {column}" for column, reference in against.items())
    return [
        make(
            "",
            f"{name}: differences",
            columns,
            [("against the reference", rows)],
            [note + "; 95 % intervals in brackets."],
        )
    ]


def costs(content: Mapping[str, Any]) -> Table:
    """Time, memory, parameters, FLOPs."""
    rows, sizes = [], set()
    failed = failures(content, "cost")
    for name, cost in content["methods"].items():
        if cost is None:
            rows.append(
                (name, [Cell(text="failed", note=failed.get(name, "not measured")), *(Cell() for _ in list(COSTS)[1:])])
            )
            continue
        sizes.add(f"{cost['size'][1]}x{cost['size'][0]}")
        cells = [Cell(None if cost[key] is None else cost[key] * SCALES[key]) for key in COSTS]
        rows.append((name, cells))
    note = (
        f"Pictures of {', '.join(sorted(sizes)) or 'unknown size'}, one at a time on one thread: median CPU time; "
        "how much the process grew. FLOPs: two for a multiplication with addition, of convolutions and matrix "
        "products. –: no network."
    )
    return make("", "Cost", list(COSTS.values()), [("enhanced", rows)], [note])


def overview(content: Mapping[str, Any]) -> Table:
    """The figures of all data sets side by side, without intervals, with the time."""
    picked = {
        name: [c for c in data["columns"] if data["kind"] == "evaluation" or c["key"] in HEADLINES]
        for name, data in content["datasets"].items()
    }
    columns = [
        Column(**{**column, "key": f"{name}/{column['key']}", "label": f"{name} {column['label']}"})
        for name, own in picked.items()
        for column in own
    ]
    names: dict[str, dict[str, None]] = {}
    for data in content["datasets"].values():
        for stage, rows in data["rows"].items():
            names.setdefault(stage, {}).update(dict.fromkeys(rows))
    names["enhanced"] = dict.fromkeys(content["methods"])
    stages: Rows = []
    for stage in STAGES:
        rows_of_stage: list[tuple[str, Sequence[Cell]]] = []
        for method in names.get(stage, {}):
            cells = [_plain(content, data, stage, method, c["key"]) for data, own in picked.items() for c in own]
            cost = content["methods"].get(method) if stage == "enhanced" else None
            rows_of_stage.append((method, [*cells, Cell(cost["seconds"] * 1e3 if cost else None)]))
        stages.append((stage, rows_of_stage))
    total = sum(len(data["tests"]) for data in content["datasets"].values())
    notes = [f"{total} comparisons between methods were tested, see the tables below."] if total else []
    return make("", "Overview", [*columns, COSTS["seconds"]], [s for s in stages if s[1]], notes)


def _plain(content: Mapping[str, Any], dataset: str, stage: str, method: str, key: str) -> Cell:
    figure = content["datasets"][dataset]["rows"].get(stage, {}).get(method, {}).get(key)
    if figure is None and method in failures(content, dataset):
        return Cell(text="failed", note=failures(content, dataset)[method])
    return Cell((figure or {}).get("value"))
