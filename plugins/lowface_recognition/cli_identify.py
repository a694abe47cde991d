"""``lowface identify``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lowface_core.cli.options import PATH, ConfigCommand
from lowface_recognition.options import run, settings_of, shared_options


@click.command(cls=ConfigCommand)
@click.option("--gallery", type=PATH, help="Normal-light pictures of everybody.")
@click.option("--probes", type=PATH, help="Pictures to recognise.")
@click.option("--data", type=PATH, help="Instead of both: the first picture of each person is the gallery.")
@click.option(
    "--repeats",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Darken each probe so many times, with other noise each time.",
)
@shared_options
def identify(
    gallery: Path | None,
    probes: Path | None,
    data: Path | None,
    repeats: int,
    normal: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Who is it? Recognise probes among a gallery, before and after enhancement.

    Folders hold <person>/<picture>.jpg or <person>_<n>.jpg. Probes are low-light pictures, or normal-light ones that
    --degradation darkens. Same detector, alignment and encoder for low, enhanced and normal; an undetected face is a
    wrong answer. The same command again continues or prints what is there.
    """
    if (data is None) == (gallery is None and probes is None) or (gallery is None) != (probes is None):
        raise click.UsageError("give --gallery and --probes, or --data")
    if repeats > 1 and options["degradation"] is None:
        raise click.UsageError("--repeats: needs --degradation; only darkening draws something new each time")
    settings = settings_of(normal=normal, **options)
    from lowface_recognition.identify import Identification, find

    sets = find(data, gallery, probes, normal, repeats, settings.data_options)
    run(Identification(sets, settings), as_json)
