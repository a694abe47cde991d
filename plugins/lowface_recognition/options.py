"""Options that ``lowface identify`` and ``lowface verify`` share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lowface_core.cli.options import ConfigCommand

if TYPE_CHECKING:
    from lowface_recognition.request import Settings

F = TypeVar("F", bound=Callable[..., Any])
FOLDER = click.Path(path_type=Path)


class RecognitionCommand(ConfigCommand):
    """Takes all ``key=value`` words that follow ``--degradation-options`` and ``--enhancer-options``, too."""

    spread = (*ConfigCommand.spread, "--degradation-options", "--enhancer-options")


def shared_options(function: F) -> F:
    """What is judged, by whom, and where the result goes."""
    for decorate in reversed(
        [
            click.option("--normal", type=FOLDER, help="Normal-light partners, of the same names, of real low light."),
            click.option(
                "--enhancer", metavar="CHECKPOINT_OR_NAME", help="Work dir, checkpoint, or a name, e.g. gamma."
            ),
            click.option(
                "--enhancer-options",
                multiple=True,
                metavar="KEY=VALUE…",
                help="Keywords of an enhancer without weights, e.g. gamma=0.6",
            ),
            click.option("--degradation", metavar="NAME", help="Darken the pictures on the fly, e.g. sensor."),
            click.option(
                "--degradation-options",
                multiple=True,
                metavar="KEY=VALUE…",
                help="Its keywords, e.g. exposure=0.04,0.10",
            ),
            click.option(
                "--config", default="recognition", show_default=True, help="Whose heads.face recognises: file or name."
            ),
            click.option(
                "--cfg-options", multiple=True, metavar="KEY=VALUE…", help="Set in it, e.g. weights_root=FOLDER"
            ),
            click.option("--title", help="Name of the method in the result [default: from --enhancer]."),
            click.option("--batch-size", type=click.IntRange(min=1), default=16, show_default=True),
            click.option(
                "--seed",
                type=click.IntRange(min=0),
                default=0,
                show_default=True,
                help="Of the darkening, the resampling and every draw.",
            ),
            click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1, mps."),
            click.option("--work-dir", type=click.Path(), help="Where the result goes [default: under work_dirs]."),
            click.option("--overwrite", is_flag=True, help="Compute anew what the work dir already holds."),
            click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout."),
        ]
    ):
        function = decorate(function)
    return function


def settings_of(**options: Any) -> Settings:
    """The shared options as one object.

    Raises:
        ConfigError: real low light is asked for twice.
    """
    from lowface_core.errors import ConfigError
    from lowface_recognition.request import Settings

    if options.pop("normal") is not None and options["degradation"] is not None:
        raise ConfigError("--normal: is for real low light; with --degradation the pictures given are the normal ones")
    return Settings(**options)
