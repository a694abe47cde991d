"""The options that ``lowface identify`` and ``lowface verify`` share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lowface_core.cli.options import PATH, HomePath, keywords, many
from lowface_core.cluster import needs_gpu
from lowface_core.errors import ConfigError
from lowface_core.registry.bounds import LARGEST

if TYPE_CHECKING:
    from lowface_recognition.recognition import Settings

F = TypeVar("F", bound=Callable[..., Any])
_OPTIONS = [
    many("--data-options", "How folders are read, e.g. type=celeba_mask_hq [default: any folder of people]."),
    click.option("--normal", type=PATH, help="Normal-light partners, of the same names, of real low light."),
    click.option("--enhancer", metavar="CHECKPOINT_OR_NAME", help="Work dir, checkpoint, or a name, e.g. gamma."),
    many("--enhancer-options", "Its keywords, e.g. gamma=0.6"),
    click.option("--degradation", metavar="NAME", help="Darken the pictures on the fly, e.g. sensor."),
    many("--degradation-options", "Its keywords, e.g. exposure=0.04,0.10"),
    click.option(
        "--config", default="recognition", show_default=True, help="Whose heads.face recognises: file or name."
    ),
    click.option("--aligned", is_flag=True, help="Pictures are aligned crops, as insightface's are: detect nothing."),
    many("--cfg-options", "Set in it, e.g. weights_root=FOLDER"),
    click.option("--title", help="Name of the method in the result [default: from --enhancer]."),
    click.option("--batch-size", type=click.IntRange(min=1), default=16, show_default=True),
    click.option(
        "--seed",
        type=click.IntRange(0, LARGEST),
        default=0,
        show_default=True,
        help="Of the darkening, the resampling and every draw.",
    ),
    click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1, mps."),
    click.option("--work-dir", type=HomePath(), help="Where the result goes [default: under work_dirs]."),
    click.option("--overwrite", is_flag=True, help="Compute anew what the work dir already holds."),
    click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on stdout."),
]


def shared_options(function: F) -> F:
    """What is measured, by whom, and where the result goes."""
    for decorate in reversed(_OPTIONS):
        function = decorate(function)
    return function


def settings_of(**options: Any) -> Settings:
    """The shared options as one object.

    Raises:
        ConfigError: an option is written otherwise, belongs to nothing, or real low light is wanted twice.
    """
    from lowface_recognition.recognition import Settings

    if options.pop("normal") is not None and options["degradation"] is not None:
        raise ConfigError("--normal: is for real low light; with --degradation the pictures given are the normal ones")
    if options.get("ray") is not None:
        needs_gpu(options["device"])  # refused before anything is read
    for part, example in (("enhancer", "gamma"), ("degradation", "sensor")):
        flag, article = f"--{part}-options", "an" if part == "enhancer" else "a"
        if options[part] is None and options[f"{part}_options"]:
            raise ConfigError(f"{flag}: belong to {article} {part}; add --{part} NAME, e.g. {example}")
        options[f"{part}_options"] = keywords(options[f"{part}_options"], flag)
    options["data_options"] = keywords(options["data_options"], "--data-options")
    darkening, words = options["degradation"], options.pop("degradation_options")
    return Settings(**{**options, "degradation": None if darkening is None else {"type": darkening, **words}})
