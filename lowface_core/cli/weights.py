"""``lowface weights list | fetch | verify | add | path``; ``push`` and ``pull`` are joined to them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from lowface_core.cli.options import AS_JSON, PATH, ConfigCommand, answer, many
from lowface_core.cli.weights_hub import pull, push
from lowface_core.errors import ConfigError, LowfaceError, WeightsError
from lowface_core.progress import tracked
from lowface_core.weights import hub
from lowface_core.weights.record import MISSING, Record, find, records, unique_name

NO_HASH = "no hash on record"


@click.group()
def weights() -> None:
    """List, fetch, verify and add the weights of frozen networks.

    Their names are COMPONENT/NAME, e.g. vgg16/imagenet. They are kept in LOWFACE_HOME (default: lowface in the user's
    cache folder). LOWFACE_OFFLINE=1 forbids the network.
    """


@weights.command("list")
@AS_JSON
def list_(as_json: bool) -> None:
    """List weights: name, size, state, licence, and where they come from.

    States: embedded (ships with its plugin), here, missing, wrong hash.
    """
    every = records()
    rows = [_row(record, every) for record in every]
    width = max((len(row["name"]) for row in rows), default=0)
    lines = [
        f"{row['name']:{width}}  {_size(row['size']):>9}  {row['state']:10}  {row['licence']}\n    {row['source']}\n"
        f"    {row['path'] if row['state'] != MISSING else row['get']}"
        for row in rows
    ]
    answer(as_json, rows, *(lines or ["no weights are registered; look at lowface list-plugins"]))


def _row(record: Record, every: list[Record]) -> dict[str, Any]:
    state = record.state()
    entry = record.entry
    path = None if state == MISSING and record.embedded else record.path
    return {
        "name": unique_name(record, every),
        "kind": record.component.kind,
        "plugin": record.component.plugin,
        "size": path.stat().st_size if path and path.is_file() else entry.size,
        "licence": entry.licence or "not stated",
        "source": entry.source or "not stated",
        "url": entry.url,
        "sha256": record.sha256 if path else None,
        "state": state,
        "path": str(path) if path else None,
        "get": f"from {entry.url}"
        if entry.url
        else record.how()
        if entry.extra
        else f"by hand, then: {record.adding()}",
    }


def _size(count: int | None) -> str:
    if count is None:
        return "?"
    return f"{count / 2**20:.1f} MiB" if count >= 2**20 else f"{count / 2**10:.1f} KiB"


@weights.command("fetch", cls=ConfigCommand)
@click.argument("names", nargs=-1, metavar="NAME…")
@click.option("--all-for", metavar="CONFIG", help="All weights that a config asks for.")
@many("--cfg-options", "With --all-for: set values in the config.")
def fetch(names: tuple[str, ...], all_for: str | None, cfg_options: tuple[str, ...]) -> None:
    """Download weights into the store, unless they are there.

    A broken download is continued. What must be fetched by hand is named after everything else was fetched; exit 1.
    """
    from lowface_core.weights.store import fetch as run

    if not names and not all_for:
        raise click.UsageError("Say which: NAME… or --all-for CONFIG.")
    wanted: list[tuple[str, Record | None, str]] = [("", find(name), "") for name in names]  # a typo is reported first
    wanted += _requested_by(all_for, cfg_options) if all_for else []
    faults, done = [], set()
    for where, record, missing in wanted:
        try:
            if record is not None and (place := run(record)) not in done:
                done.add(place)
                click.echo(f"{unique_name(record)}: {place}")
            if missing:
                instead = f'; write weights="{record.key}" to take it from the store' if record else ""
                faults.append(f"{where}weights: no file {missing!r}{instead}")
        except WeightsError as error:
            then = f', and write weights="{record.key}"; or have it as {missing}' if record and missing else ""
            faults.append(f"{where}{error}{then}")
    if faults:
        raise WeightsError("\n".join(faults))


def _requested_by(config: str, options: tuple[str, ...]) -> Iterator[tuple[str, Record | None, str]]:
    """What every ``weights=`` of a config asks for: (its path there, record, missing file).

    For a file that is missing and bears the name of a record's file, both are given.
    """
    from lowface_core.config.load import apply_options, fill, read
    from lowface_core.config.settings import parts

    cfg = read(config)
    apply_options(cfg, options)
    for part in parts(cfg):
        if part.component is None:
            raise ConfigError(str(part.error))
        path, component, requested = part.path, part.component, part.spec.get("weights")
        if requested is None:
            continue
        if hub.is_address(requested):
            click.echo(f"{requested}: {hub.fetch(requested)}")
            continue
        if requested in component.weights:
            yield f"{path}.", Record(component, requested), ""
            continue
        with contextlib.suppress(ConfigError):  # {weights_root} may be left open: the file's name still tells
            requested = fill(requested, cfg, f"{path}.weights")
        file = Path(str(requested)).expanduser()
        if not file.is_file():
            record = next((r for key in component.weights if (r := Record(component, key)).filename == file.name), None)
            yield f"{path}.", record, str(requested)


@weights.command("verify")
@click.argument("names", nargs=-1, metavar="[NAME…]")
@AS_JSON
def verify(names: tuple[str, ...], as_json: bool) -> None:
    """Compare weights with their SHA-256: those named, or all that are here.

    Exits with 1 if any is another file, or is named and missing.
    """
    every = records()
    chosen = [find(name) for name in names] or [r for r in every if r.present()]
    rows: list[dict[str, Any]] = []
    faults = []
    for record in tracked(chosen, "verifying"):
        name = unique_name(record, every)
        known = record.sha256 if record.present() else None
        try:
            rows.append({"name": name, "ok": True, "sha256": record.verify(), "expected": known, "error": None})
        except LowfaceError as error:
            rows.append({"name": name, "ok": False, "sha256": None, "expected": known, "error": str(error)})
            faults.append(f"{name}: {error}")
    width = max((len(row["name"]) for row in rows), default=0)
    verdicts = ["WRONG" if not r["ok"] else f"right  {r['sha256']}" if r["expected"] else NO_HASH for r in rows]
    lines = [f"{row['name']:{width}}  {verdict}" for row, verdict in zip(rows, verdicts, strict=True)]
    answer(as_json, rows, *(lines or ["no weights are here"]))
    if faults:
        raise WeightsError("\n".join(faults))


@weights.command("add")
@click.argument("name")
@click.argument("file", type=PATH)
def add(name: str, file: Path) -> None:
    """Copy FILE into the store as the weights NAME, for weights that are fetched by hand.

    The file must have the SHA-256 on record; where there is none, it must hold tensors.
    """
    from lowface_core.weights.store import add as run

    click.echo(f"{name}: copied to {run(find(name), file)}")


@weights.command("path")
@click.argument("name")
def path(name: str) -> None:
    """Print where the weights NAME are, for scripts; exits with 1 if they are missing."""
    record = find(name)
    place = record.path
    if not place.is_file():
        raise WeightsError(f"{name}: is missing; {record.how()}")
    click.echo(place)


weights.add_command(push)
weights.add_command(pull)
