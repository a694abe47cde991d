"""``lowface list-plugins``."""

from __future__ import annotations

from typing import Any

import click

from lowface_core.cli.options import print_json
from lowface_core.registry.loader import Plugins, claim, plugins, spellings
from lowface_core.registry.registration import HOOKS


def plugin_rows(found: Plugins, kind: str | None = None) -> list[dict[str, Any]]:
    """What the command prints, as data: one dict per plugin, components of one kind or of all."""
    return [
        {
            "plugin": plugin.key,
            "distribution": plugin.distribution,
            "version": plugin.version,
            "status": plugin.status,
            "error": plugin.error,
            "components": [{"kind": c.kind, "name": c.name} for c in plugin.components if kind in (None, c.kind)],
        }
        for plugin in found.loaded
    ]


@click.command("list-plugins")
@click.option(
    "--kind", type=click.Choice(tuple(HOOKS)), help="Only plugins that offer this kind, and only these components."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@click.option("--requirements", is_flag=True, help="Print name==version lines for a requirements file.")
@click.pass_context
def list_plugins(ctx: click.Context, kind: str | None, as_json: bool, requirements: bool) -> None:
    """List plugins, what they offer, and why any failed to load.

    Exits with 1 if any plugin failed.
    """
    found = plugins()
    rows = [r for r in plugin_rows(found, kind) if not kind or r["components"] or r["error"]]
    if requirements:
        versions = {r["distribution"]: r["version"] for r in reversed(rows) if r["version"] != "?"}  # the first counts
        for name, version in sorted(versions.items()):
            click.echo(f"{name}=={version}")
    elif as_json:
        print_json(rows)
    else:
        _print_table(rows)
        for claimants in found.clashes():
            click.echo(f"name clash: {claim(claimants)}; write {spellings(claimants)}")
    ctx.exit(1 if any(r["error"] for r in rows) else 0)


def _print_table(rows: list[dict[str, Any]]) -> None:
    if not rows:
        click.echo("no plugins found; reinstall lowface, and look at LOWFACE_PLUGINS")
        return
    width = max(len(r["plugin"]) for r in rows)
    version = max(len(r["version"]) for r in rows)
    for row in rows:
        by_kind: dict[str, list[str]] = {}
        for component in row["components"]:
            by_kind.setdefault(component["kind"], []).append(component["name"])
        lines = [f"{kind}: {', '.join(names)}" for kind, names in by_kind.items()] or ["–"]
        if row["error"]:
            lines = [row["error"]]
        click.echo(f"{row['plugin']:{width}}  {row['version']:{version}}  {row['status']:6}  {lines[0]}")
        for line in lines[1:]:
            click.echo(" " * (width + version + 12) + line)
