"""``lowface enhance``."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from lowface_core.cli.enhance_media import enhance_medium, given_options, media_options, refuse_media_options
from lowface_core.cli.enhance_plan import FORMATS, LOSSY, Naming, planned
from lowface_core.cli.enhance_steps import Enhancing, Row, over_ray
from lowface_core.cli.options import (
    AS_JSON,
    CHECKPOINT,
    PATH,
    ConfigCommand,
    HomePath,
    chosen_enhancer,
    enhancer_config,
    enhancer_options,
    print_json,
)
from lowface_core.data.normal_form import printable
from lowface_core.errors import LowfaceError
from lowface_core.files import write_text
from lowface_core.progress import counted
from lowface_core.registry.media import MediaJob, medium_of


class Shard(click.ParamType):
    """``K/N``: the K-th of N parts."""

    name = "shard"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        number, _, count = str(value).partition("/")
        if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
            self.fail(f"{value!r} is no part of a whole; write it as 3/16, from 1/16 to 16/16", param, ctx)
        return int(number), int(count)


@click.command(cls=ConfigCommand)
@click.argument("source", type=HomePath())
@click.option(
    "-o",
    "--output",
    required=True,
    type=HomePath(),
    help="Folder, or a file for a single picture or video; -: raw frames.",
)
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
@click.option(
    "--quality",
    type=click.IntRange(1, 100),
    help="Of JPEG, WebP and video files, 1 to 100.  [default: 95, of video 70]",
)
@click.option(
    "--max-pixels",
    type=click.IntRange(1),
    default=64_000_000,
    show_default=True,
    metavar="N",
    help="Refuse pictures of more: a small file may claim any size.",
)
@click.option("--suffix", default="", metavar="TEXT", help="Put TEXT behind the names of the results.")
@click.option(
    "--shard", type=Shard(), metavar="K/N", help="Only the K-th of N parts of the pictures; run each on its machine."
)
@click.option(
    "--ray", metavar="ADDRESS|local", help="Work in the processes of a Ray cluster, or of one started here for this."
)
@media_options
@click.option("--overwrite", is_flag=True, help="Replace files that exist in the output folder.")
@click.option("--skip-existing", is_flag=True, help="Leave files that exist in the output folder, e.g. to continue.")
@AS_JSON
@click.pass_context
def enhance(
    ctx: click.Context,
    source: str,
    output: str,
    checkpoint: str | None,
    enhancer: str | None,
    enhancer_options: tuple[str, ...],
    device: str,
    level: float | None,
    report: Path | None,
    form: str | None,
    quality: int | None,
    max_pixels: int,
    suffix: str,
    shard: tuple[int, int] | None,
    ray: str | None,
    overwrite: bool,
    skip_existing: bool,
    as_json: bool,
    **media: Any,
) -> None:
    """Enhance a picture, every picture in a folder and its subfolders, a video or a camera.

    Names and subfolders are kept but for --format and --suffix; the input is never overwritten. An output folder inside
    the input folder holds results, not inputs. Pictures keep what they had, as far as their format does: 16 bits a
    channel, grey, opacity, colour profile, EXIF and XMP; they are turned upright. A picture that cannot be read, or is
    an animation, is named on stderr, the others are done, and the command exits with 1. Brightness is the mean over the
    pixels of 0.299 R + 0.587 G + 0.114 B, from 0 to 1.

    Video (`pip install "lowface[video]"`): times, depth, sound and subtitles stay; see docs/video.md.
    """
    medium = medium_of(source)
    if medium is not None:
        if overwrite and skip_existing:
            raise LowfaceError("--overwrite --skip-existing: one of the two, not both")
        job = MediaJob(
            source,
            output,
            lambda: chosen_enhancer(checkpoint, enhancer, enhancer_options, device),
            level,
            report,
            "replace" if overwrite else "keep" if skip_existing else "refuse",
        )
        of_pictures = {
            "form": form,
            "quality": quality,
            "max_pixels": max_pixels,
            "suffix": suffix,
            "shard": shard,
            "ray": ray,
        }
        given = given_options(ctx, {**media, **of_pictures})
        ctx.exit(1 if enhance_medium(medium, job, given, as_json).faults else 0)
    refuse_media_options(given_options(ctx, media))
    pairs = planned(Path(source), Path(output), Naming(form, suffix), shard)
    if quality is not None and pairs and not any(target.suffix.lower() in LOSSY for _, target in pairs):
        raise LowfaceError(f"--quality {quality}: no result is a JPEG or WebP file; add --format jpg, or leave it out")
    taken = [target for _, target in pairs if target.exists()]
    if taken and not (overwrite or skip_existing):
        raise LowfaceError(f"{taken[0]}: exists ({len(taken)} in all); add --overwrite or --skip-existing")
    if skip_existing:
        pairs = [(picture, target) for picture, target in pairs if not target.exists()]

    if report is not None and report.exists() and not overwrite:
        raise LowfaceError(f"{report}: exists; add --overwrite, or give another file with --report")

    from lowface_core.step.array_enhancer import array_enhancer

    network: Any = None
    if checkpoint and not (enhancer or enhancer_options or ray):
        network = array_enhancer(checkpoint, device)  # which spares the seconds that importing torch takes
    if network is None:  # with a cluster it is loaded here only to be refused at once where it does not fit
        network = chosen_enhancer(checkpoint, enhancer, enhancer_options, device if ray is None else "cpu")
    options: dict[str, Any] = {} if quality is None else {"quality": quality}
    results: Iterator[tuple[int, Row | str]] = enumerate(Enhancing(network, level, options, max_pixels).each(pairs))
    if ray is not None and pairs:
        config = enhancer_config(enhancer, enhancer_options)
        results = over_ray(pairs, ray, str(network.name), config, device, level, options, max_pixels)
    done: dict[int, Row] = {}
    failed: list[str] = []
    with counted("enhancing", len(pairs), unit="pictures") if len(pairs) > 1 else nullcontext() as advance:
        for index, result in results:
            if isinstance(result, str):
                failed.append(result)
                click.echo(f"lowface: {printable(result)}", err=True)
            else:
                done[index] = result
            if advance:
                advance(1)
    rows = [done[index] for index in sorted(done)]
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
        click.echo(", ".join([f"{len(written)} pictures written to {Path(output)}", *notes]))
    ctx.exit(1 if failed else 0)
