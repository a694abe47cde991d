"""``lowface list-plugins`` and ``lowface describe``."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import Any

import click

from lowface_core.cli.options import AS_JSON, answer, print_json
from lowface_core.errors import PluginError, WeightsError, listing, nearest
from lowface_core.registry.components import parameters
from lowface_core.registry.loader import Plugins, claim, plugins, spellings
from lowface_core.registry.registration import HOOKS, Component
from lowface_core.weights.record import package_file


def plugin_rows(found: Plugins, kind: str | None = None) -> list[dict[str, Any]]:
    """What the command prints, as data: one dict per plugin, components of one kind or of all."""
    return [
        {
            "plugin": plugin.key,
            "distribution": plugin.distribution,
            "version": plugin.version,
            "status": plugin.status,
            "error": plugin.error,
            "burdens": plugin.burdens,
            "components": [{"kind": c.kind, "name": c.name} for c in plugin.components if kind in (None, c.kind)],
        }
        for plugin in found.loaded
    ]


@click.command("list-plugins")
@click.option(
    "--kind", type=click.Choice(tuple(HOOKS)), help="Only plugins that offer this kind, and only these components."
)
@AS_JSON
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
        lines += row["burdens"]
        click.echo(f"{row['plugin']:{width}}  {row['version']:{version}}  {row['status']:6}  {lines[0]}")
        for line in lines[1:]:
            click.echo(" " * (width + version + 12) + line)


def description(component: Component) -> dict[str, Any]:
    """Everything that is known about a component, as plain data."""
    from lowface_core.config.keywords import REQUIRED, keywords

    factory = component.resolve()
    known = keywords(factory)
    reader = getattr(factory, "forward", None) or getattr(factory, "update", None)
    return {
        "kind": component.kind,
        "name": component.name,
        "plugin": component.plugin,
        "signature": {n: None if k.default is REQUIRED else repr(k.default) for n, k in known.items()},
        "keywords": {n: k.expected for n, k in known.items() if n not in component.parts},
        "reads": list(parameters(reader))[1:] if component.kind in ("loss", "metric") and reader else None,
        "doc": inspect.getdoc(factory) or "",
        "facts": component.facts,
        "weights": {name: _with_record(component, named.plain()) for name, named in component.weights.items()},
    }


def _with_record(component: Component, stated: dict[str, Any]) -> dict[str, Any]:
    """What is stated of weights, with the content of the file that says how they were made."""
    if "record" in stated:
        try:
            stated["record"] = json.loads(package_file(component, stated["record"]).read_text(encoding="utf-8"))
        except WeightsError as error:
            stated["record"] = str(error)
    return stated


@click.command()
@click.argument("name")
@click.option("--kind", type=click.Choice(tuple(HOOKS)), help="Which kind, when the name stands for several.")
@AS_JSON
def describe(name: str, kind: str | None, as_json: bool) -> None:
    """Show a component: its keywords, their defaults and bounds, documentation, plugin, weights and their licence."""
    found = plugins()
    hits = [c for c in found.components(kind) if c.answers_to(name)]
    if not hits:
        names = {c.name for c in found.components(kind)}
        raise PluginError(f"unknown component {name!r}{nearest(name, names)}; known: {listing(names)}")
    described = [description(c) for c in hits]
    answer(as_json, described, "\n\n".join(map(_text, described)))


def _text(d: Mapping[str, Any]) -> str:
    keywords = ", ".join(n if default is None else f"{n}={default}" for n, default in d["signature"].items())
    lines = [f"{d['kind']} {d['name']}({keywords})", f"plugin: {d['plugin']}"]
    if d["reads"]:
        lines.append(f"reads: {', '.join(d['reads'])}")
    lines += [f"{keyword}: {expected}" for keyword, expected in d["keywords"].items()]
    lines += [f"{fact}: {value}" for fact, value in d["facts"].items()]
    for name, record in d["weights"].items():
        lines.append(f"weights {name!r}:")
        lines += _indented(record, 4)
    return "\n".join([*lines, "", d["doc"]])


def _indented(record: Mapping[str, Any], depth: int) -> list[str]:
    """``key: value`` lines; a dict goes below its key, deeper."""
    lines = []
    for key, value in record.items():
        nested = isinstance(value, Mapping)
        lines.append(" " * depth + (f"{key}:" if nested else f"{key}: {value}"))
        lines += _indented(value, depth + 4) if nested else []
    return lines
