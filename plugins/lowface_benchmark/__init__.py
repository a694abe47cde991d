"""Methods against each other over data sets: ``lowface benchmark``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import lowface_core as lf

if TYPE_CHECKING:
    import click


@lf.hookimpl
def register_results(register: lf.Register) -> None:
    """Offers what ``lowface benchmark`` leaves behind."""
    register("benchmark", "lowface_benchmark.report:BenchmarkReport")


@lf.hookimpl
def check_config(cfg: Mapping[str, Any]) -> list[str]:
    """Checks methods and data sets of configs that have some."""
    if not (cfg.get("methods") and cfg.get("datasets")):
        return []
    from lowface_benchmark.config_faults import faults

    return faults(cfg)


@lf.hookimpl
def register_commands(cli: click.Group) -> None:
    """Adds ``lowface benchmark``."""
    from lowface_benchmark.command import benchmark

    cli.add_command(benchmark)
