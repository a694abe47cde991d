"""``lowface report``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from lowface_core.cli.options import AS_JSON, PATH, answer
from lowface_core.errors import LowfaceError, nearest
from lowface_core.report import FORMATS


@click.command()
@click.argument("folders", nargs=-1, required=True, metavar="DIR…", type=PATH)
@click.option(
    "-o",
    "--output",
    default="report.html",
    show_default=True,
    type=PATH,
    help="The page; tables are written beside it.",
)
@click.option("--title", help="Heading of the page [default: the methods' names].")
@click.option("--formats", default=",".join(FORMATS), show_default=True, help="What to write.")
@click.option("--overwrite", is_flag=True, help="Replace a report that exists.")
@AS_JSON
def report(
    folders: tuple[Path, ...], output: Path, title: str | None, formats: str, overwrite: bool, as_json: bool
) -> None:
    """One page about training runs and results, to hand on: tables, curves, pictures, failures, manifest.

    DIR is the work dir of a training run, or a folder that evaluate or another command wrote; several are compared.
    The page is one file that holds everything it shows. The tables are also written as Markdown, CSV and LaTeX.
    """
    from lowface_core.report.write import make

    command = shlex.join(["lowface", *sys.argv[1:]])
    done = make(folders, output, title, _formats(formats), overwrite, command)
    content = {
        "files": {kind: str(path) for kind, path in done.files.items()},
        "sources": [{"folder": str(s.path), "kind": s.kind, "name": s.name} for s in done.sources],
        "tables": [table.caption for table in done.tables],
    }
    answer(as_json, content, *(f"{path} ({path.stat().st_size / 1000:.0f} kB)" for path in done.files.values()))


def _formats(text: str) -> list[str]:
    chosen = [part.strip() for part in text.split(",") if part.strip()]
    unknown = [part for part in chosen if part not in FORMATS]
    if unknown or not chosen:
        hint = nearest(unknown[0], FORMATS) if unknown else ""
        raise LowfaceError(f"--formats {text!r}: give some of {','.join(FORMATS)}{hint}")
    return chosen
