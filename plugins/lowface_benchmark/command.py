"""``lowface benchmark``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from lowface_core.cli.options import AS_JSON, CFG_OPTIONS, DEVICE, PATH, ConfigCommand, print_json
from lowface_core.registry.bounds import LARGEST


@click.command(cls=ConfigCommand)
@click.argument("config")
@CFG_OPTIONS
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes, one thread each.")
@click.option("--work-dir", type=PATH, help="Where everything goes [default: work_dirs/benchmark/<config name>].")
@click.option("--overwrite", is_flag=True, help="Measure anew what the work dir holds.")
@DEVICE
@click.option("--seed", type=click.IntRange(0, LARGEST), help="Of the darkening, the resampling and every draw.")
@AS_JSON
def benchmark(
    config: str,
    cfg_options: tuple[str, ...],
    jobs: int,
    work_dir: Path | None,
    overwrite: bool,
    device: str | None,
    seed: int | None,
    as_json: bool,
) -> None:
    """Compare methods over data sets: image quality, recognition, time, memory, parameters, FLOPs.

    CONFIG names methods and data sets; config faces_shared is an example. Each method on each data set is a result
    folder as evaluate, identify and verify leave it. What fails is a cell with its reason. The same command again
    goes on where it was stopped, and tries again what failed. Beside result.json lie the tables as Markdown, CSV and
    LaTeX, and a page with pictures.
    """
    from lowface_benchmark.run import benchmark as run
    from lowface_benchmark.run import planned

    plan = planned(config, cfg_options, device, seed)
    result = run(plan, work_dir, jobs, overwrite, shlex.join(["lowface", *sys.argv[1:]]))
    if as_json:
        print_json(result)
    else:
        from lowface_core.report.inputs import read
        from lowface_core.report.summaries import tables, text

        source = read(Path(result["manifest"]["work_dir"]))
        click.echo(f"{text(tables([source]))}\neverything is in {source.path}")
    for cell in result["failed"]:
        click.echo(f"failed: {cell['method']}, {cell['cell']}: {cell['reason']}", err=True)
    if result["failed"]:
        raise click.exceptions.Exit(1)
