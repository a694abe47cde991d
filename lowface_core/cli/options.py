"""Options that several commands share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from lowface_core.files import finite

F = TypeVar("F", bound=Callable[..., Any])


class ConfigCommand(click.Command):
    """Command whose ``--cfg-options`` takes all ``key=value`` words that follow it, and may be given several times.

    A subclass lists further options of that kind in :attr:`spread`.
    """

    spread: tuple[str, ...] = ("--cfg-options",)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        spread: list[str] = []
        open_ = ""
        for word in args:
            if word in self.spread:
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


def config_options(function: F) -> F:
    """``CONFIG --cfg-options --work-dir --device --seed --resume --json`` of the training commands."""
    for decorate in reversed(
        [
            click.argument("config"),
            click.option(
                "--cfg-options",
                multiple=True,
                metavar="KEY=VALUE…",
                help="Set values inside the config, e.g. losses.color.weight=0.1",
            ),
            click.option(
                "--work-dir", type=click.Path(), help="Where the run writes [default: work_dirs/<config name>]."
            ),
            click.option("--device", help="auto, cpu, cuda, cuda:1, mps."),
            click.option("--seed", type=click.IntRange(min=0), help="Seed of initialisation, sample order and draws."),
            click.option(
                "--resume",
                is_flag=False,
                flag_value="auto",
                metavar="[CHECKPOINT]",
                help="Continue the work dir's run, or a checkpoint.",
            ),
            click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout."),
        ]
    ):
        function = decorate(function)
    return function


def config_name(config: str) -> str:
    """Short name of a config argument, for its work dir: ``configs/heads/x.py`` → ``x``."""
    return Path(config).stem


def print_json(content: Any) -> None:
    """JSON on stdout; infinite and NaN numbers as null."""
    click.echo(json.dumps(finite(content), indent=2, ensure_ascii=False, default=str))
