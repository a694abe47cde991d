"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lowface_core.errors import ConfigError, LowfaceError
from lowface_core.files import json_text

if TYPE_CHECKING:
    from torch import nn
from lowface_core.registry.bounds import LARGEST

F = TypeVar("F", bound=Callable[..., Any])


class HomePath(click.Path):
    """A path in which ``~`` is the user's folder: the shell does not expand it in ``--option=~/x``."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return super().convert(os.path.expanduser(value), param, ctx)


#: Type of every argument and option that names a file or folder.
PATH = HomePath(path_type=Path)


class ConfigCommand(click.Command):
    """Command whose ``--cfg-options``, and options like it, take all ``key=value`` words that follow."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        takes_many = {name for param in self.params for name in param.opts if name.endswith("-options")}
        spread: list[str] = []
        open_ = ""
        for word in args:
            if word in takes_many:
                open_ = word
            elif open_ and "=" in word and not word.startswith("-"):
                spread += [open_, word]
            elif open_ and spread[-2:-1] != [open_]:
                spread += [open_, word]  # click or the config loader says what is wrong with it
                open_ = ""
            else:
                open_ = ""
                spread.append(word)
        return super().parse_args(ctx, spread)


def keywords(options: Iterable[str], flag: str) -> dict[str, Any]:
    """``KEY=VALUE`` words as keyword arguments.

    Args:
        flag: the option that they follow, for messages.

    Raises:
        ConfigError: a word is written otherwise.
    """
    from lowface_core.config.load import parse_option

    parsed = {}
    for text in options:
        if not text.partition("=")[1] or "." in text.partition("=")[0]:
            raise ConfigError(f"{flag} {text}: write it as keyword=value, an interval as keyword=0.04,0.10")
        (key,), value = parse_option(text)
        parsed[key] = list(value) if isinstance(value, tuple) else value
    return parsed


def many(flag: str, help: str) -> Callable[[F], F]:
    """An option that takes ``KEY=VALUE`` words, of a :class:`ConfigCommand` all that follow."""
    return click.option(flag, multiple=True, metavar="KEY=VALUE…", help=help)


def enhancer_options(function: F) -> F:
    """``--enhancer`` and ``--enhancer-options``, which :func:`enhancer_config` puts together."""
    named = click.option("--enhancer", help="Enhancer a bare state dict file belongs to, e.g. retinex.")
    return named(many("--enhancer-options", "Keywords of the enhancer, e.g. channels=16")(function))


def enhancer_config(enhancer: str | None, options: Iterable[str]) -> dict[str, Any]:
    """The config that ``--enhancer`` and ``--enhancer-options`` mean."""
    return {**({"type": enhancer} if enhancer else {}), **keywords(options, "--enhancer-options")}


#: ``--checkpoint`` of commands that may do without, see :func:`chosen_enhancer`.
CHECKPOINT = click.option(
    "--checkpoint", help="Work dir of a run, a checkpoint, a state dict file, or a name; default: weights that ship."
)


def chosen_enhancer(checkpoint: str | None, enhancer: str | None, options: Iterable[str], device: str) -> nn.Module:
    """The enhancer of ``--checkpoint``; without it the one that ships, said on stderr.

    Raises:
        LowfaceError: there is no such enhancer, or ``--enhancer`` stands without a checkpoint.
    """
    from lowface_core.inference import default_enhancer, load_enhancer

    config = enhancer_config(enhancer, options)
    if checkpoint is None and enhancer:
        raise LowfaceError(f"--enhancer {enhancer}: is for a state dict file; name it with --checkpoint")
    if checkpoint is None:
        checkpoint = default_enhancer()
        click.echo(f"lowface: no --checkpoint, so the weights {checkpoint} that ship with lowface are used", err=True)
    return load_enhancer(checkpoint, config, device)


CFG_OPTIONS = many("--cfg-options", "Set values inside the config, e.g. losses.color.weight=0.1")
DEVICE = click.option("--device", help="auto, cpu, cuda, cuda:1, mps.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")


def config_options(function: F) -> F:
    """``CONFIG --cfg-options --work-dir --device --seed --resume --json`` of the training commands."""
    work_dir = click.option(
        "--work-dir", type=HomePath(), help="Where the run writes [default: work_dirs/<config name>]."
    )
    seed = click.option(
        "--seed", type=click.IntRange(0, LARGEST), help="Seed of initialisation, sample order and draws."
    )
    resume = click.option(
        "--resume",
        is_flag=False,
        flag_value="auto",
        metavar="[CHECKPOINT]",
        help="Continue the work dir's run, or a checkpoint; with a run's config.py that run, from any folder.",
    )
    for decorate in (AS_JSON, resume, seed, DEVICE, work_dir, CFG_OPTIONS, click.argument("config")):
        function = decorate(function)
    return function


def print_json(content: Any) -> None:
    """JSON on stdout; infinite and NaN numbers as null."""
    click.echo(json_text(content, default=str))


def answer(as_json: bool, content: Any, *lines: str) -> None:
    """What a command answers, on stdout: ``content`` as JSON where ``--json`` asks for it, else the lines."""
    if as_json:
        print_json(content)
    else:
        for line in lines:
            click.echo(line)
