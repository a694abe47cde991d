"""``lowface enhance``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from lowface_core.cli.options import ConfigCommand, keywords, print_json
from lowface_core.errors import DataError, LowfaceError, NonFiniteError
from lowface_core.progress import tracked


@click.command(cls=ConfigCommand)
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder, or a file for a single picture."
)
@click.option("--checkpoint", required=True, help="Work dir of a run, a checkpoint, or a state dict file.")
@click.option("--enhancer", help="Enhancer a bare state dict file belongs to, e.g. retinex.")
@click.option(
    "--enhancer-options", multiple=True, metavar="KEY=VALUE…", help="Keywords of the enhancer, e.g. channels=16"
)
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1, mps.")
@click.option("--overwrite", is_flag=True, help="Replace files that exist in the output folder.")
@click.option("--skip-existing", is_flag=True, help="Leave files that exist in the output folder, e.g. to continue.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@click.pass_context
def enhance(
    ctx: click.Context,
    source: Path,
    output: Path,
    checkpoint: str,
    enhancer: str | None,
    enhancer_options: tuple[str, ...],
    device: str,
    overwrite: bool,
    skip_existing: bool,
    as_json: bool,
) -> None:
    """Enhance a picture, or every picture in a folder and its subfolders.

    Names and subfolders are kept; the input is never overwritten. A picture that cannot be read is named on stderr, the
    others are done, and the command exits with 1.
    """
    pairs = _plan(source, output)
    taken = [target for _, target in pairs if target.exists()]
    if taken and not (overwrite or skip_existing):
        raise LowfaceError(f"{taken[0]}: exists ({len(taken)} in all); add --overwrite or --skip-existing")
    if skip_existing:
        pairs = [(picture, target) for picture, target in pairs if not target.exists()]

    from lowface_core.data.images import write_image
    from lowface_core.inference import enhance as run
    from lowface_core.inference import load_enhancer

    spec = {**({"type": enhancer} if enhancer else {}), **keywords(enhancer_options, "--enhancer-options")}
    network = load_enhancer(checkpoint, spec, device)
    written, failed = [], []
    for picture, target in tracked(pairs, "enhancing"):
        try:
            result = run(picture, network)
            target.parent.mkdir(parents=True, exist_ok=True)
            write_image(target, result.transpose(2, 0, 1) / 255)
            written.append(str(target))
        except (DataError, NonFiniteError, OSError) as error:
            failed.append(str(error))
        except (MemoryError, RuntimeError) as error:  # torch has no class of its own for memory on the processor
            if not isinstance(error, MemoryError) and "memory" not in str(error):
                raise
            failed.append(f"{picture}: takes more memory than there is; make it smaller")
        else:
            continue
        click.echo(f"lowface: {failed[-1]}", err=True)
    if as_json:
        print_json({"written": written, "failed": failed})
    else:
        click.echo(f"{len(written)} pictures written to {output}" + (f", {len(failed)} failed" if failed else ""))
    ctx.exit(1 if failed else 0)


def _plan(source: Path, output: Path) -> list[tuple[Path, Path]]:
    """Pairs of picture and target; refuses any target that is an input."""
    from lowface_core.data.images import IMAGE_SUFFIXES, list_images

    if not source.exists():
        raise DataError(f"{source}: no such picture or folder")
    if source.is_dir():
        pictures = list_images(source, recursive=True)
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
