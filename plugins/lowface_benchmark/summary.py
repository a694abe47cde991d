"""From cells to a result: the rows that each kind of result shows, intervals, and the methods tested in pairs."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from lowface_benchmark.per_picture import Numbers, numbers_of
from lowface_benchmark.plan import NORMAL, UNTOUCHED, DataSet, Plan, cell_folder
from lowface_benchmark.worker import cost_file
from lowface_core.evaluation.paired import bounds, compare, holm, resampled_means
from lowface_core.files import read_json
from lowface_core.report.inputs import Source, read
from lowface_core.report.tables import Cell, Column
from lowface_core.runs.results import RESULT, check_comparable

#: Part of a cell that a result keeps.
FIGURE = ("value", "low", "high", "std", "note")


def summary(plan: Plan, root: Path, failed: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """The result but for title and manifest.

    Args:
        failed: cells without a result.

    Raises:
        ConfigError: cells of a data set were measured differently.
    """
    datasets = {data.name: _compared(plan, data, root) for data in plan.datasets}
    digest = hashlib.sha256(json.dumps([each["data"] for each in datasets.values()]).encode()).hexdigest()
    costs = {method.name: cost_file(root, method.name) for method in plan.methods}
    lacking = {(one["method"], one["cell"]) for one in failed}
    known = {name: read_json(f) for name, f in costs.items() if f.is_file() and (name, "cost") not in lacking}
    for cost in known.values():
        cost.pop("identity")
    return {
        "kind": "benchmark",
        "pictures": None,
        "data": f"benchmark:{digest[:16]}",
        "reference": plan.reference,
        "methods": {method.name: known.get(method.name) for method in plan.methods},
        "datasets": datasets,
        "failed": [dict(one) for one in failed],
    }


def _compared(plan: Plan, data: DataSet, root: Path) -> dict[str, Any]:
    """All methods on one data set."""
    names = [UNTOUCHED, *(method.name for method in plan.methods)]
    folders = {name: cell_folder(root, data.name, name) for name in names}
    folders = {name: folder for name, folder in folders.items() if (folder / RESULT).is_file()}
    sources = {name: read(folder) for name, folder in folders.items()}
    check_comparable([source.content for source in sources.values()])
    columns: dict[str, Column] = {}
    rows: dict[str, dict[str, dict[str, Any]]] = {}
    notes: dict[str, None] = {}
    for name, source in sources.items():
        own, stages, said = _shown(source)
        columns |= {key: column for key, column in own.items() if key not in columns}
        notes |= dict.fromkeys(said)
        for stage, title in (("low", UNTOUCHED), ("normal", NORMAL)) if name == UNTOUCHED else (("enhanced", name),):
            if stage in stages:
                rows.setdefault(stage, {})[title] = stages[stage]
    numbers = {name: numbers_of(f, "low" if name == UNTOUCHED else "enhanced") for name, f in folders.items()}
    numbers = {name: each for name, each in numbers.items() if each.columns}
    flat = {name: row for stage in ("low", "enhanced") for name, row in rows.get(stage, {}).items()}
    first = next(iter(sources.values()), None)
    return {
        "kind": data.kind,
        "pictures": first and first.content["pictures"],
        "data": first.content["data"] if first else "",
        "columns": [asdict(column) for column in columns.values()],
        "rows": rows,
        "tests": _tests(plan, numbers, flat, columns),
        "notes": list(notes),
    }


def _shown(source: Source) -> tuple[dict[str, Column], dict[str, dict[str, dict[str, Any]]], Sequence[str]]:
    """Columns, rows by stage and notes of the first table that a result's kind makes of it."""
    table = source.report.tables([source])[0]
    columns = {column.key: column for column in table.columns}
    rows = {stage: _row(columns, members[0].cells) for stage, members in table.groups}
    return columns, rows, table.notes


def _row(columns: Mapping[str, Column], cells: Sequence[Cell]) -> dict[str, dict[str, Any]]:
    return {
        key: {k: getattr(cell, k) or None for k in FIGURE if k != "value"} | {"value": cell.value}
        for key, cell in zip(columns, cells, strict=True)
    }


def _tests(
    plan: Plan, numbers: Mapping[str, Numbers], rows: Mapping[str, dict[str, Any]], columns: Mapping[str, Column]
) -> list[dict[str, Any]]:
    """Every method against the reference, by column; adds intervals to rows whose kind gives none.

    Methods that were not measured on the same pictures are left out; one resampling serves all methods and columns.
    """
    if not numbers:
        return []
    whole = next(iter(numbers.values()))
    paired = {name: each for name, each in numbers.items() if each.keys == whole.keys}
    places = [(name, key) for name, each in paired.items() for key in each.columns if key in columns]
    if not places:
        return []
    values = np.stack([paired[name].columns[key] for name, key in places], axis=1)
    draws = resampled_means(values, whole.groups, plan.settings["seed"])
    at = {place: index for index, place in enumerate(places)}
    for (name, key), index in at.items():
        figure = rows[name][key]
        mean = float(values[:, index].mean())
        if figure["low"] is None and figure["value"] is not None and math.isclose(mean, figure["value"], rel_tol=1e-5):
            figure["low"], figure["high"] = bounds(draws[:, index])
    tests = []
    for key in dict.fromkeys(key for _, key in places):
        members = [name for name, column in places if column == key]
        reference = plan.reference or _best(members, key, rows, columns[key].better)
        if reference not in members:
            continue
        other = at[reference, key]
        for name in members:
            if name != reference:
                index = at[name, key]
                result = compare(values[:, index], values[:, other], draws[:, index] - draws[:, other])
                tests.append({"column": key, "method": name, "reference": reference, **asdict(result)})
    for test, corrected in zip(tests, holm([test["p"] for test in tests]), strict=True):
        test["corrected"] = corrected
    return tests


def _best(members: Sequence[str], key: str, rows: Mapping[str, dict[str, Any]], better: str) -> str | None:
    """The member with the best number of a column; None where no direction is better."""
    known = [name for name in members if rows[name][key]["value"] is not None]
    if not known or not better:
        return None
    return (max if better == "higher" else min)(known, key=lambda name: rows[name][key]["value"])
