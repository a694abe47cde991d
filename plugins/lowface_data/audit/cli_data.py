"""``lowface data``."""

from __future__ import annotations

from pathlib import Path

import click

from lowface_core.cli.options import PATH, print_json


@click.group()
def data() -> None:
    """Look at data sets on disk."""


@data.command()
@click.argument("root", type=PATH)
@click.option("--against", type=PATH, help="Another data set that must share no person and no picture.")
@click.option("--layout", help="Layout of ROOT, if it is not recognised, e.g. lfw.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes [default: one per core].")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def check(
    ctx: click.Context, root: Path, against: Path | None, layout: str | None, jobs: int | None, as_json: bool
) -> None:
    """Check every file of a data set.

    Finds files that cannot be read, pictures and maps without a partner or of different sizes, wrong classes,
    duplicates, and people or pictures that are in two splits. Exits with 1 if there are errors.
    """
    from lowface_core.processors import processors
    from lowface_data.audit.check import check as run

    report = run(root, against, layout, jobs or processors())
    if as_json:
        print_json(report.as_data())
    else:
        click.echo(f"{root}: layout {report.layout}")
        for name, value in report.summary.items():
            text = ", ".join(f"{k} {v}" for k, v in value.items()) or "–" if isinstance(value, dict) else value
            click.echo(f"  {name.replace('_', ' ')}: {text}")
        for finding in report.findings:
            click.echo(f"{finding.level}: {finding.kind}: {finding.message}")
        click.echo(f"{report.errors} errors, {len(report.findings) - report.errors} warnings")
    ctx.exit(1 if report.errors else 0)
