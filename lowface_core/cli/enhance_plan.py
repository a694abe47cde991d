"""Which pictures ``lowface enhance`` takes, and where their results go."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import click

from lowface_core.errors import DataError, LowfaceError

#: Values of ``--format`` and the endings of such files, the first of which new files get.
FORMATS = {"png": (".png",), "jpg": (".jpg", ".jpeg"), "webp": (".webp",), "tiff": (".tiff", ".tif")}
#: What pictures become that are read, but not written: those of phones, and camera raw, whose 16 bits stay.
UNWRITTEN = {"heic": "jpg", "raw": "tiff"}
#: Endings of files that ``--quality`` is for.
LOSSY = (*FORMATS["jpg"], *FORMATS["webp"])


@dataclass(frozen=True)
class Naming:
    """How results are named.

    Attributes:
        form: one of :data:`FORMATS`; None: the picture's own.
        suffix: what stands between the name and the ending.
    """

    form: str | None = None
    suffix: str = ""

    def __call__(self, name: Path) -> Path:
        """The path of a result, of the path of its picture."""
        from lowface_core.data.optional_kinds import extra_of

        form = self.form or UNWRITTEN.get(extra_of(name.suffix.lower()) or "")
        endings = FORMATS[form] if form else (name.suffix,)
        ending = name.suffix if name.suffix.lower() in endings else endings[0]
        return name.with_name(f"{name.stem}{self.suffix}{ending}")


def planned(
    source: Path, output: Path, naming: Naming, shard: tuple[int, int] | None = None
) -> list[tuple[Path, Path]]:
    """Pairs of picture and target, sorted.

    Args:
        shard: number and count, such as 3 and 16: only those pictures whose path below ``source`` belongs to it. The
            path alone decides, so that shards on several machines agree, and stay what they are when pictures come.

    Raises:
        LowfaceError: a target is an input, or that of two inputs, or cannot be written.
    """
    from lowface_core.data.images import IMAGE_SUFFIXES, list_images

    if not {"/", "\0", os.sep, os.altsep}.isdisjoint(naming.suffix):
        raise LowfaceError(f"--suffix {naming.suffix!r}: is part of a file's name; give a folder with -o")
    _check_ending(output)
    if not source.exists():
        raise DataError(f"{source}: no such picture or folder")
    if source.is_dir():
        pictures = _without_results(list_images(source, recursive=True), source, output, naming)
        if not pictures:
            raise DataError(f"{source}: holds no pictures ({', '.join(sorted(IMAGE_SUFFIXES))})")
        if output.is_file():
            raise LowfaceError(f"{output}: is a file; give a folder with -o")
        pairs = [(p, output / naming(p.relative_to(source))) for p in pictures]
    else:
        if output.suffix.lower() in IMAGE_SUFFIXES and not output.is_dir():
            _check_file(output, naming)
            pairs = [(source, output)]
        else:
            pairs = [(source, output / naming(Path(source.name)))]
    _check_targets(pairs)
    if shard is not None:
        root = source if source.is_dir() else source.parent
        pairs = [(p, target) for p, target in pairs if shard_of(p.relative_to(root), shard[1]) == shard[0]]
    return pairs


def shard_of(path: Path, count: int) -> int:
    """The shard, from 1 to ``count``, that a relative path belongs to; the same on every machine."""
    digest = hashlib.sha256(os.fsencode(path.as_posix())).digest()  # as even for names that are alike as for others
    return int.from_bytes(digest[:8], "big") % count + 1


def _check_targets(pairs: list[tuple[Path, Path]]) -> None:
    inputs = {os.path.realpath(p) for p, _ in pairs}  # unlike Path.resolve, does not raise for a link to itself
    owners: dict[Path, Path] = {}
    for picture, target in pairs:
        if os.path.realpath(target) in inputs:
            raise LowfaceError(f"{target}: would overwrite its input; give another folder with -o, or --suffix")
        if owners.setdefault(target, picture) is not picture:
            raise LowfaceError(
                f"{target}: would be the result of {owners[target]} and of {picture}; rename one of them"
            )


def _check_file(output: Path, naming: Naming) -> None:
    if naming.suffix:
        raise LowfaceError(f"--suffix {naming.suffix}: is for folders; write it into the name of {output}")
    if naming.form and output.suffix.lower() not in FORMATS[naming.form]:
        raise LowfaceError(f"--format {naming.form}: {output} has the ending of another; leave out one of the two")


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


def _without_results(pictures: list[Path], source: Path, output: Path, naming: Naming) -> list[Path]:
    """The pictures without those in an output folder inside ``source``; says how many there belong to no input.

    Where ``--suffix`` puts results beside their pictures, what is named like a result is one.
    """
    inner, outer = (Path(os.path.realpath(folder)) for folder in (output, source))
    if inner == outer and naming.suffix:
        results = {naming(picture) for picture in pictures}
        return [picture for picture in pictures if picture not in results]
    if outer not in inner.parents:
        return pictures
    real = {picture: Path(os.path.realpath(picture.parent), picture.name) for picture in pictures}
    kept = [picture for picture, path in real.items() if inner not in path.parents]
    results = {naming(picture.relative_to(source)) for picture in kept}
    inside = [path.relative_to(inner) for path in real.values() if inner in path.parents]
    strays = len([name for name in inside if name not in results])
    if strays:
        click.echo(f"lowface: {output}: {strays} pictures there are taken for results, not for inputs", err=True)
    return kept
