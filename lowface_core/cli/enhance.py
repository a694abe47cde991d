"""``lowface enhance``."""

from __future__ import annotations

import contextlib
import csv
import io
import shutil
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from lowface_core.cli.enhance_plan import FORMATS, LOSSY, Naming, planned
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
from lowface_core.progress import counted
from lowface_core.staged import staged

if TYPE_CHECKING:
    import numpy as np
    from torch import nn

    from lowface_core.data.images import Picture


class Shard(click.ParamType):
    """``K/N``: the K-th of N parts."""

    name = "shard"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        number, _, count = str(value).partition("/")
        if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
            self.fail(f"{value!r} is no part of a whole; write it as 3/16, from 1/16 to 16/16", param, ctx)
        return int(number), int(count)


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
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS), case_sensitive=False),
    help="Format of the results, whose endings change; default: that of each picture.",
)
@click.option("--quality", type=click.IntRange(1, 100), help="Of JPEG and WebP files, 1 to 100.  [default: 95]")
@click.option("--suffix", default="", metavar="TEXT", help="Put TEXT behind the names of the results.")
@click.option(
    "--shard", type=Shard(), metavar="K/N", help="Only the K-th of N parts of the pictures; run each on its machine."
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
    form: str | None,
    quality: int | None,
    suffix: str,
    shard: tuple[int, int] | None,
    overwrite: bool,
    skip_existing: bool,
    as_json: bool,
) -> None:
    """Enhance a picture, or every picture in a folder and its subfolders.

    Names and subfolders are kept but for --format and --suffix; the input is never overwritten. An output folder inside
    the input folder holds results, not inputs. Pictures keep what they had, as far as their format does: 16 bits a
    channel, grey, opacity, colour profile, EXIF and XMP; they are turned upright. A picture that cannot be read, or is
    an animation, is named on stderr, the others are done, and the command exits with 1. Brightness is the mean over the
    pixels of 0.299 R + 0.587 G + 0.114 B, from 0 to 1.
    """
    pairs = planned(source, output, Naming(form, suffix), shard)
    if quality is not None and pairs and not any(target.suffix.lower() in LOSSY for _, target in pairs):
        raise LowfaceError(f"--quality {quality}: no result is a JPEG or WebP file; add --format jpg, or leave it out")
    taken = [target for _, target in pairs if target.exists()]
    if taken and not (overwrite or skip_existing):
        raise LowfaceError(f"{taken[0]}: exists ({len(taken)} in all); add --overwrite or --skip-existing")
    if skip_existing:
        pairs = [(picture, target) for picture, target in pairs if not target.exists()]

    if report is not None and report.exists() and not overwrite:
        raise LowfaceError(f"{report}: exists; add --overwrite, or give another file with --report")

    network = chosen_enhancer(checkpoint, enhancer, enhancer_options, device)
    steps = _Enhancing(network, level, {} if quality is None else {"quality": quality})
    rows: list[Any] = []
    failed: list[str] = []
    with counted("enhancing", len(pairs), unit="pictures") if len(pairs) > 1 else nullcontext() as advance:
        for (picture, _), row, error in staged(pairs, steps.read, steps.work, steps.write, _size):
            if error is None:
                rows.append(row)
            else:
                failed.append(_told(picture, error))
                click.echo(f"lowface: {printable(failed[-1])}", err=True)
            if advance:
                advance(1)
    written = [row.output for row in rows]
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


def _told(picture: Path, error: Exception) -> str:
    """What is wrong with a picture, in one line; raises an error that says nothing of it."""
    from lowface_core.device import out_of_memory

    if isinstance(error, (DataError, NonFiniteError, OSError)):
        return str(error)
    if out_of_memory(error):
        return f"{picture}: takes more memory than there is; make it smaller"
    raise error


class Row(NamedTuple):
    """A line of ``--report``; ``action`` is ``enhanced`` or ``copied``, brightness lies in [0,1]."""

    picture: str
    output: str
    action: str
    brightness_before: float
    brightness_after: float


class _Enhancing(NamedTuple):
    """The three steps of a picture; ``level``: brighter ones are copied."""

    network: nn.Module
    level: float | None
    options: dict[str, Any]

    def read(self, pair: tuple[Path, Path]) -> tuple[Picture, float]:
        """The picture and its brightness."""
        from lowface_core.data.images import read_picture

        picture = read_picture(pair[0])
        return picture, picture.brightness(picture.pixels)

    def work(self, pair: tuple[Path, Path], held: tuple[Picture, float]) -> np.ndarray | None:
        """Its enhanced pixels, at their own depth; None of one that is bright enough."""
        from lowface_core.inference import enhance_pixels

        picture, before = held
        bright = self.level is not None and before > self.level
        return None if bright else enhance_pixels(picture.pixels, self.network, str(pair[0]))

    def write(self, pair: tuple[Path, Path], held: tuple[Picture, float], result: np.ndarray | None) -> Row:
        """Its file: a bright one is copied byte for byte, or, into another format, with the same pixels."""
        from lowface_core.data.images import write_picture

        (path, target), (picture, before) = pair, held
        if result is None and path.suffix.lower() == target.suffix.lower():
            write_whole(target, lambda part: shutil.copyfile(path, part), DataError)
        else:
            options = self.options if target.suffix.lower() in LOSSY else None
            write_picture(target, picture.pixels if result is None else result, picture, options)
        after = before if result is None else picture.brightness(result)
        action = "copied" if result is None else "enhanced"
        return Row(str(path), str(target), action, round(before, 6), round(after, 6))


def _size(pair: tuple[Path, Path]) -> int:
    with contextlib.suppress(OSError):
        return pair[0].stat().st_size
    return 0
