"""``lowface enhance``."""

from __future__ import annotations

import csv
import io
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from lowface_core.cli.options import (
    AS_JSON,
    CHECKPOINT,
    PATH,
    ConfigCommand,
    chosen_enhancer,
    enhancer_options,
    print_json,
)
from lowface_core.data.normal_form import printable
from lowface_core.errors import DataError, LowfaceError, NonFiniteError
from lowface_core.files import write_text, write_whole
from lowface_core.progress import tracked

if TYPE_CHECKING:
    from torch import nn


@click.command(cls=ConfigCommand)
@click.argument("source", type=PATH)
@click.option("-o", "--output", required=True, type=PATH, help="Folder, or a file for a single picture.")
@CHECKPOINT
@enhancer_options
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1, mps.")
@click.option(
    "--only-if-dark",
    "level",
    type=click.FloatRange(0, 1),
    metavar="LEVEL",
    help="Copy pictures whose brightness is above LEVEL (0 to 1), unchanged.",
)
@click.option(
    "--report", type=PATH, metavar="FILE", help="Write a CSV file: each picture's brightness before and after."
)
@click.option("--overwrite", is_flag=True, help="Replace files that exist in the output folder.")
@click.option("--skip-existing", is_flag=True, help="Leave files that exist in the output folder, e.g. to continue.")
@AS_JSON
@click.pass_context
def enhance(
    ctx: click.Context,
    source: Path,
    output: Path,
    checkpoint: str | None,
    enhancer: str | None,
    enhancer_options: tuple[str, ...],
    device: str,
    level: float | None,
    report: Path | None,
    overwrite: bool,
    skip_existing: bool,
    as_json: bool,
) -> None:
    """Enhance a picture, or every picture in a folder and its subfolders.

    Names and subfolders are kept; the input is never overwritten. An output folder inside the input folder holds
    results, not inputs. Pictures keep what they had, as far as their format does: 16 bits a channel, grey, opacity,
    colour profile, EXIF and XMP; they are turned upright. A picture that cannot be read, or is an animation, is named
    on stderr, the others are done, and the command exits with 1. Brightness is the mean over the pixels of
    0.299 R + 0.587 G + 0.114 B, from 0 to 1.
    """
    pairs = _plan(source, output)
    taken = [target for _, target in pairs if target.exists()]
    if taken and not (overwrite or skip_existing):
        raise LowfaceError(f"{taken[0]}: exists ({len(taken)} in all); add --overwrite or --skip-existing")
    if skip_existing:
        pairs = [(picture, target) for picture, target in pairs if not target.exists()]

    if report is not None and report.exists() and not overwrite:
        raise LowfaceError(f"{report}: exists; add --overwrite, or give another file with --report")

    from lowface_core.device import out_of_memory

    network = chosen_enhancer(checkpoint, enhancer, enhancer_options, device)
    written, failed, rows = [], [], []
    for picture, target in tracked(pairs, "enhancing"):
        try:
            rows.append(_enhanced(picture, target, network, level))
            written.append(str(target))
        except (DataError, NonFiniteError, OSError) as error:
            failed.append(str(error))
        except (MemoryError, RuntimeError) as error:
            if not out_of_memory(error):
                raise
            failed.append(f"{picture}: takes more memory than there is; make it smaller")
        else:
            continue
        click.echo(f"lowface: {printable(failed[-1])}", err=True)
    if report is not None:
        table = io.StringIO()
        csv.writer(table, lineterminator="\n").writerows([Row._fields, *rows])
        write_text(report, table.getvalue())
    copied = sum(row.action == "copied" for row in rows)
    if as_json:
        print_json({"written": written, "failed": failed, "pictures": [row._asdict() for row in rows]})
    else:
        notes = [f"{copied} of them bright enough and copied"] * (copied > 0) + [f"{len(failed)} failed"] * bool(failed)
        click.echo(", ".join([f"{len(written)} pictures written to {output}", *notes]))
    ctx.exit(1 if failed else 0)


class Row(NamedTuple):
    """A line of ``--report``; ``action`` is ``enhanced`` or ``copied``, brightness lies in [0,1]."""

    picture: str
    output: str
    action: str
    brightness_before: float
    brightness_after: float


def _enhanced(picture: Path, target: Path, network: nn.Module, level: float | None) -> Row:
    """Enhances one picture into its file, at its own depth; one brighter than ``level`` is copied byte for byte, or,
    into a file of another format, with the same pixels."""
    from lowface_core.data.images import read_picture, write_picture
    from lowface_core.inference import enhance_pixels

    held = read_picture(picture)
    before = after = held.brightness(held.pixels)
    bright = level is not None and before > level
    if bright and picture.suffix.lower() == target.suffix.lower():
        write_whole(target, lambda part: shutil.copyfile(picture, part), DataError)
    else:
        result = held.pixels if bright else enhance_pixels(held.pixels, network, str(picture))
        after = held.brightness(result)
        write_picture(target, result, held)
    return Row(str(picture), str(target), "copied" if bright else "enhanced", round(before, 6), round(after, 6))


def _plan(source: Path, output: Path) -> list[tuple[Path, Path]]:
    """Pairs of picture and target; refuses any target that is an input."""
    from lowface_core.data.images import IMAGE_SUFFIXES, list_images

    _check_ending(output)
    if not source.exists():
        raise DataError(f"{source}: no such picture or folder")
    if source.is_dir():
        pictures = _without_results(list_images(source, recursive=True), source, output)
        if not pictures:
            raise DataError(f"{source}: holds no pictures ({', '.join(sorted(IMAGE_SUFFIXES))})")
        if output.is_file():
            raise LowfaceError(f"{output}: is a file; give a folder with -o")
        pairs = [(p, output / p.relative_to(source)) for p in pictures]
    else:
        one_file = output.suffix.lower() in IMAGE_SUFFIXES and not output.is_dir()
        pairs = [(source, output if one_file else output / source.name)]
    inputs = {os.path.realpath(p) for p, _ in pairs}  # unlike Path.resolve, does not raise for a link to itself
    for _, target in pairs:
        if os.path.realpath(target) in inputs:
            raise LowfaceError(f"{target}: would overwrite its input; give another folder with -o")
    return pairs


def _check_ending(output: Path) -> None:
    """Refuses an ending of pictures that cannot be written, rather than make a folder of that name."""
    from PIL import Image

    from lowface_core.data.images import IMAGE_SUFFIXES
    from lowface_core.data.picture_files import UNREAD_SUFFIXES

    suffix = output.suffix.lower()
    known = {*UNREAD_SUFFIXES, *Image.registered_extensions()}.difference(IMAGE_SUFFIXES)
    if suffix in known and not output.is_dir():
        endings = ", ".join(IMAGE_SUFFIXES)
        raise LowfaceError(
            f"{output}: pictures ending in {suffix} cannot be written; use one of {endings}, or a folder"
        )


def _without_results(pictures: list[Path], source: Path, output: Path) -> list[Path]:
    """The pictures without those in an output folder inside ``source``; says how many there belong to no input."""
    inner, outer = (Path(os.path.realpath(folder)) for folder in (output, source))
    if outer not in inner.parents:
        return pictures
    real = {picture: Path(os.path.realpath(picture.parent), picture.name) for picture in pictures}
    inside = [path.relative_to(inner) for path in real.values() if inner in path.parents]
    strays = [name for name in inside if not (source / name).exists()]
    if strays:
        click.echo(f"lowface: {output}: {len(strays)} pictures there are taken for results, not for inputs", err=True)
    return [picture for picture, path in real.items() if inner not in path.parents]
