"""``lowface config list | show | copy | check``."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from lowface_core.cli.options import ConfigCommand, print_json
from lowface_core.errors import ConfigError


@click.group()
def config() -> None:
    """List, show, copy and check configs."""


@config.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(as_json: bool) -> None:
    """List the configs that ship with lowface, with the first line of each."""
    from lowface_core.config.load import shipped

    rows = {name: _title(path) for name, path in shipped().items()}
    if as_json:
        print_json(rows)
        return
    width = max(map(len, rows), default=0)
    for name, title in rows.items():
        click.echo(f"{name:{width}}  {title}")


def _title(path: Path) -> str:
    first = path.read_text(encoding="utf-8").splitlines()[0] if path.stat().st_size else ""
    return first.strip('"# ')


@config.command("show", cls=ConfigCommand)
@click.argument("name")
@click.option("--cfg-options", multiple=True, metavar="KEY=VALUE…", help="Set values inside the config.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(name: str, cfg_options: tuple[str, ...], as_json: bool) -> None:
    """Print a config as it will be used: bases merged, options set, defaults filled in."""
    from lowface_core.config.load import apply_options, read
    from lowface_core.config.settings import SETTINGS

    content = read(name)
    apply_options(content, cfg_options)
    for key, setting in SETTINGS.items():
        content.setdefault(key, setting.default)
    if as_json:
        print_json(content)
        return
    from mmengine.config import Config

    click.echo(Config(content).pretty_text.rstrip())


@config.command("copy")
@click.argument("name")
@click.argument("target", type=click.Path(path_type=Path), default=Path("."))
def copy(name: str, target: Path) -> None:
    """Copy a shipped config here, to edit it; never overwrites. One that builds on others is written out whole."""
    from lowface_core.config.load import find, read
    from lowface_core.files import write_text

    source = find(name)
    path = target / source.name if target.is_dir() else target
    if path.exists():
        raise ConfigError(f"{path}: exists; give another target")
    if "_base_" in source.read_text(encoding="utf-8"):  # its bases would not be found from another folder
        from mmengine.config import Config

        write_text(path, f'"""{_title(source)}"""\n\n{Config(read(name)).pretty_text}')
    else:
        shutil.copyfile(source, path)
    click.echo(f"copied to {path}")


@config.command("check", cls=ConfigCommand)
@click.argument("name")
@click.option("--cfg-options", multiple=True, metavar="KEY=VALUE…", help="Set values inside the config.")
def check(name: str, cfg_options: tuple[str, ...]) -> None:
    """Check a config whole: keys, components, keywords, and that every weights file is there."""
    from lowface_core.config.check import check_config
    from lowface_core.config.load import load
    from lowface_core.config.resources import weights_faults

    content = load(name, cfg_options)
    check_config(content, "pretrain" if content.get("head") else "train")
    faults = weights_faults({**content, "head": None})
    if faults:
        raise ConfigError("\n".join(faults))
    click.echo(f"{name}: no fault found")
