"""``lowface config list | show | copy | check``."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from lowface_core.cli.options import AS_JSON, CFG_OPTIONS, PATH, ConfigCommand, answer, print_json
from lowface_core.errors import ConfigError


@click.group()
def config() -> None:
    """List, show, copy and check configs."""


@config.command("list")
@AS_JSON
def list_(as_json: bool) -> None:
    """List the configs that ship with lowface, with the first line of each."""
    from lowface_core.config.load import shipped

    rows = {name: _title(path) for name, path in shipped().items()}
    width = max(map(len, rows), default=0)
    answer(as_json, rows, *(f"{name:{width}}  {title}" for name, title in rows.items()))


def _title(path: Path) -> str:
    first = path.read_text(encoding="utf-8").splitlines()[0] if path.stat().st_size else ""
    return first.strip('"# ')


@config.command("show", cls=ConfigCommand)
@click.argument("name", required=False)
@CFG_OPTIONS
@AS_JSON
@click.option("--schema", "as_schema", is_flag=True, help="Print the JSON schema of configs instead; needs no NAME.")
def show(name: str | None, cfg_options: tuple[str, ...], as_json: bool, as_schema: bool) -> None:
    """Print a config as it will be used: bases merged, options set, defaults filled in.

    A comment on each part names the plugin that supplies it; what is printed is a config again. With --json that stands
    under `_plugins`, by path in the config.

    --schema prints the JSON schema (draft 2020-12) of the top-level settings and of every component installed here.
    """
    if as_schema:
        from lowface_core.config.schema import schema

        print_json(schema())
        return
    if name is None:
        raise click.UsageError("Say which config, or --schema.")
    from lowface_core.config.load import apply_options, read, set_defaults
    from lowface_core.config.settings import parts
    from lowface_core.config.text import config_text

    content = read(name)
    apply_options(content, cfg_options)
    set_defaults(content)
    found = list(parts(content))
    text = config_text(content, {part.path: part.note for part in found})
    answer(as_json, {**content, "_plugins": {part.path: part.plain() for part in found}}, text)


@config.command("copy")
@click.argument("name")
@click.argument("target", type=PATH, default=Path("."))
def copy(name: str, target: Path) -> None:
    """Copy a shipped config here, to edit it; never overwrites. One that builds on others is written out whole."""
    from lowface_core.config.load import find, read
    from lowface_core.config.text import config_text
    from lowface_core.files import read_text, write_text, write_whole

    source = find(name)
    path = target / source.name if target.is_dir() else target
    if path.exists():
        raise ConfigError(f"{path}: exists; give another target")
    try:
        text = read_text(source)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{source}: is no config, but something else ({str(error).splitlines()[0]})") from error
    if "_base_" in text:  # its bases would not be found from another folder
        write_text(path, f'"""{_title(source)}"""\n\n{config_text(read(name), {})}\n')
    else:
        write_whole(path, lambda part: shutil.copyfile(source, part), ConfigError)
    click.echo(f"copied to {path}")


@config.command("check", cls=ConfigCommand)
@click.argument("name")
@CFG_OPTIONS
def check(name: str, cfg_options: tuple[str, ...]) -> None:
    """Check a config whole: keys, components, keywords and their values, and that every weights file is there.

    Everything that is wrong is reported at once, a line each, with its path in the config.
    """
    from lowface_core.config.build import weights_faults
    from lowface_core.config.check import check_config, purpose
    from lowface_core.config.load import apply_options, fill_all, read, set_defaults

    content = read(name)
    faults = []
    for option in cfg_options:
        faults += _faults(apply_options, content, [option])
    set_defaults(content)
    content, missing = fill_all(content)
    faults += missing + _faults(check_config, content, purpose(content))
    faults += weights_faults({**content, "head": None})
    if faults:
        raise ConfigError("\n".join(dict.fromkeys(faults)))
    click.echo(f"{name}: no fault found")


def _faults(check: Callable[..., None], *arguments: Any) -> list[str]:
    """The lines of the error that a check raises."""
    try:
        check(*arguments)
    except ConfigError as error:
        return str(error).split("\n")
    return []
