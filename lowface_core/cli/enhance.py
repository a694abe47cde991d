"""``lowface enhance``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from lowface_core.cli.options import AS_JSON, PATH, ConfigCommand, keywords, many, print_json
from lowface_core.data.normal_form import printable
from lowface_core.errors import DataError, LowfaceError, NonFiniteError
from lowface_core.progress import tracked


@click.command(cls=ConfigCommand)
@click.argument("source", type=PATH)
@click.option("-o", "--output", required=True, type=PATH, help="Folder, or a file for a single picture.")
@click.option(
    "--checkpoint", help="Work dir of a run, a checkpoint, a state dict file, or a name; default: weights that ship."
)
@click.option("--enhancer", help="Enhancer a bare state dict file belongs to, e.g. retinex.")
@many("--enhancer-options", "Keywords of the enhancer, e.g. channels=16")
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:1, mps.")
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
    overwrite: bool,
    skip_existing: bool,
    as_json: bool,
) -> None:
    """Enhance a picture, or every picture in a folder and its subfolders.

    Names and subfolders are kept; the input is never overwritten. An output folder inside the input folder holds
    results, not inputs. A picture with a colour profile is written in sRGB, with its profile. A picture that cannot be
    read is named on stderr, the others are done, and the command exits with 1.
    """
    pairs = _plan(source, output)
    taken = [target for _, target in pairs if target.exists()]
    if taken and not (overwrite or skip_existing):
        raise LowfaceError(f"{taken[0]}: exists ({len(taken)} in all); add --overwrite or --skip-existing")
    if skip_existing:
        pairs = [(picture, target) for picture, target in pairs if not target.exists()]

    from lowface_core.data.images import has_profile, write_image
    from lowface_core.device import out_of_memory
    from lowface_core.inference import default_enhancer, load_enhancer
    from lowface_core.inference import enhance as run

    spec = {**({"type": enhancer} if enhancer else {}), **keywords(enhancer_options, "--enhancer-options")}
    if checkpoint is None and enhancer:
        raise LowfaceError(f"--enhancer {enhancer}: is for a state dict file; name it with --checkpoint")
    if checkpoint is None:
        checkpoint = default_enhancer()
        click.echo(f"lowface: no --checkpoint, so the weights {checkpoint} that ship with lowface are used", err=True)
    network = load_enhancer(checkpoint, spec, device)
    written, failed = [], []
    for picture, target in tracked(pairs, "enhancing"):
        try:
            result = run(picture, network)
            target.parent.mkdir(parents=True, exist_ok=True)
            write_image(target, result.transpose(2, 0, 1) / 255, has_profile(picture))
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
    if as_json:
        print_json({"written": written, "failed": failed})
    else:
        click.echo(f"{len(written)} pictures written to {output}" + (f", {len(failed)} failed" if failed else ""))
    ctx.exit(1 if failed else 0)


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
