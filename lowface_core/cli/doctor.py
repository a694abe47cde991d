"""``lowface doctor``."""

from __future__ import annotations

import click

from lowface_core.cli.options import AS_JSON, print_json


@click.command()
@AS_JSON
@click.option("-q", "--quiet", is_flag=True, help="Only what is wrong.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool, quiet: bool) -> None:
    """Examine everything that could keep lowface from working here, and say how to cure it.

    Python and machine, LOWFACE_ variables, versions against those tested, plugins, weights, devices, folders. Exits
    with 1 if there is a fault; warnings are things that work, but perhaps not as you think.
    """
    from lowface_core.doctor import FAULT, OK, WARNING, examine

    found = examine()
    every = [finding for findings in found.values() for finding in findings]
    count = {level: sum(f.level == level for f in every) for level in (FAULT, WARNING)}
    if as_json:
        rows = {name: [vars(f) for f in findings] for name, findings in found.items()}
        print_json({"faults": count[FAULT], "warnings": count[WARNING], "findings": rows})
    else:
        for name, findings in found.items():
            shown = [f for f in findings if not quiet or f.level != OK]
            if shown:
                click.echo(name)
            for f in shown:
                click.echo(f"  {f.level:8} {f.what}")
                if f.cure:
                    click.echo(f"  {'':8} → {f.cure}")
        click.echo(_total(count[FAULT], "fault") + (f", {_total(count[WARNING], 'warning')}" if count[WARNING] else ""))
    ctx.exit(1 if count[FAULT] else 0)


def _total(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'} found"
