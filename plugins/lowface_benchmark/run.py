"""A whole benchmark: checked, measured cell by cell, summed up in one folder."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from lowface_benchmark.config_faults import missing_files, missing_judges
from lowface_benchmark.plan import UNTOUCHED, Plan
from lowface_core.config.check import check_config
from lowface_core.config.load import load
from lowface_core.device import pick
from lowface_core.errors import ConfigError
from lowface_core.report import FORMATS
from lowface_core.report.write import make
from lowface_core.runs.manifest import manifest
from lowface_core.runs.result_folder import choose


def planned(config: str, options: Iterable[str] = (), device: str | None = None, seed: int | None = None) -> Plan:
    """The plan of a config, checked whole; optional methods whose files are not here are left out, with a line each.

    Raises:
        ConfigError: a line per fault of the config, per missing file and per data set that cannot be read.
    """
    cfg = load(config, options, {"device": device, "seed": seed})
    check_config(cfg, "benchmark")
    plan = Plan.of(Path(config).stem, cfg)
    lacking = {method.name: missing_files(method) for method in plan.methods}
    faults = [line for method in plan.methods if not method.optional for line in lacking[method.name]]
    faults += [line for data in plan.datasets for line in missing_judges(data, plan.settings)]
    if faults:
        raise ConfigError("\n".join(faults))
    for method in plan.methods:
        for line in lacking[method.name][:1]:
            print(f"left out: {line}", file=sys.stderr)
    return replace(plan, methods=tuple(m for m in plan.methods if not lacking[m.name]))


def benchmark(
    plan: Plan, work_dir: Path | None = None, jobs: int = 1, overwrite: bool = False, command: str = ""
) -> dict[str, Any]:
    """Measures what is not measured yet, and sums up; read back where all of it was done before.

    Args:
        work_dir: where everything goes; None: ``work_dirs/benchmark/<title>``.
        jobs: processes at once, one thread each.
        overwrite: measure anew what the folder holds.
        command: the command line, for the page's head.

    Returns:
        the result, see :class:`lowface_benchmark.result_schema.Benchmark`; ``failed`` lists the cells that failed.

    Raises:
        LowfaceError: the folder holds something else, or a data set cannot be measured at all.
    """
    from lowface_benchmark.summary import summary

    request, methods = _request(plan), {method.name: method.identity() for method in plan.methods}
    folder = choose("benchmark", plan.title, request, work_dir, overwrite)
    done = folder.finished
    if done is not None and (done["failed"] or done["manifest"].get("methods") != methods):
        folder = choose("benchmark", plan.title, request, folder.path, True)  # the cells stay
    with folder:
        done = folder.finished
        if done is not None:
            print(f"{folder.path}: read back; --overwrite measures it anew", file=sys.stderr)
        else:
            folder.state()
            folder.save({})  # from here on the folder is known for a benchmark's, whatever happens
            failed = _measured(plan, folder.path, jobs, overwrite)
            facts = manifest(plan.settings, {}, pick(plan.settings["device"]))
            told = {**facts, "work_dir": str(folder.path), "methods": methods, "jobs": jobs}
            done = folder.finish({"title": plan.title, "manifest": told, **summary(plan, folder.path, failed)})
    make([folder.path], folder.path / "report.html", plan.title, FORMATS, True, command)
    return done


def _request(plan: Plan) -> dict[str, Any]:
    """What a folder's numbers have in common, whoever the methods are: more of them may come to a finished table."""
    data = {d.name: {"dataset": d.dataset, d.measured: d.options, "heads": d.heads} for d in plan.datasets}
    settings = {key: plan.settings[key] for key in ("seed", "eval_batch_size", "device")}
    return {"kind": "benchmark", "datasets": data, "reference": plan.reference, **settings}


def _measured(plan: Plan, root: Path, jobs: int, overwrite: bool) -> list[dict[str, str]]:
    """Runs every cell; those that failed, with the reason."""
    from lowface_benchmark.schedule import run_all

    names = [UNTOUCHED, *(method.name for method in plan.methods)]
    failed: list[dict[str, str]] = []
    done = 0

    def told(total: int, method: str, cell: str, reason: str | None, seconds: float) -> None:
        nonlocal done
        done += 1
        how = f"{seconds:.0f} s" if reason is None else f"failed: {reason}"
        print(f"[{done}/{total}] {method}, {cell}: {how}", file=sys.stderr)
        if reason is not None:
            failed.append({"method": method, "cell": cell, "reason": reason})

    run_all(plan, root, jobs, overwrite, told)
    order = {name: place for place, name in enumerate(names)}
    return sorted(failed, key=lambda one: (order[one["method"]], one["cell"]))
