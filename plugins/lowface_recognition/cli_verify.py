"""``lowface verify``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from lowface_core.cli.options import PATH, ConfigCommand
from lowface_recognition.options import run, settings_of, shared_options


@click.command(cls=ConfigCommand)
@click.option("--pairs", type=PATH, help="List of pairs: LFW's pairs.txt, or CSV/TSV of two paths, 0 or 1, fold.")
@click.option("--data", type=PATH, help="Folder of the pictures; without --pairs, pairs are drawn from it.")
@click.option("--impostors", type=click.IntRange(min=1), help="Drawn impostor pairs [default: as many as genuine].")
@click.option(
    "--darken",
    type=click.Choice(["second", "both"]),
    default="second",
    show_default=True,
    help="Which picture of a pair is dark (and enhanced); the other stays as it is.",
)
@shared_options
def verify(
    pairs: Path | None,
    data: Path | None,
    impostors: int | None,
    darken: str,
    normal: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """The same person or not? Judge pairs of pictures, before and after enhancement.

    LFW's protocol: accuracy with thresholds learnt on nine of ten folds; ROC, AUC, EER, TAR at FAR 1e-1 to 1e-4. Same
    detector, alignment and encoder for low, enhanced and normal; an undetected face is a wrong answer. The same command
    again continues or prints what is there.
    """
    if pairs is None and data is None:
        raise click.UsageError("give --pairs FILE, or --data FOLDER to draw pairs from")
    if pairs is not None and impostors is not None:
        raise click.UsageError("--impostors: pairs are drawn only without --pairs")
    if pairs is not None and options["data_options"]:
        raise click.UsageError("--data-options: a list of pairs names its files; they go with --data alone")
    settings = settings_of(normal=normal, **options)
    from lowface_recognition.draw_pairs import draw_pairs
    from lowface_recognition.pairs_file import read_pairs
    from lowface_recognition.photos import open_folder
    from lowface_recognition.verify import Verification, add_normal

    if pairs is not None:
        chosen = read_pairs(pairs, data)
    else:
        assert data is not None
        chosen = draw_pairs(open_folder(data, settings.data_options), impostors, settings.seed)
    if normal is not None:
        chosen = add_normal(chosen, normal, darken)
    folders = {"pairs": pairs, "data": data, "normal": normal}
    run(Verification(chosen, darken, settings, folders), as_json)
