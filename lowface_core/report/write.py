"""Making a report: reading, rendering as one HTML file that needs nothing beside it, and the files it ends in."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.resources import files
from pathlib import Path
from typing import Any

from markupsafe import Markup

import lowface_core
from lowface_core.errors import LowfaceError
from lowface_core.files import write_text
from lowface_core.report import FORMATS, charts, galleries
from lowface_core.report.album import Album
from lowface_core.report.charts import brightness
from lowface_core.report.export import SUFFIXES, export
from lowface_core.report.inputs import Source, load
from lowface_core.report.summaries import charts as result_charts
from lowface_core.report.summaries import tables
from lowface_core.report.svg import template
from lowface_core.report.tables import Table


def page(
    sources: Sequence[Source], tables: Sequence[Table], title: str, command: str, now: datetime | None = None
) -> str:
    """Renders the page.

    Args:
        sources: from :func:`lowface_core.report.inputs.read_all`.
        tables: from :func:`lowface_core.report.summaries.tables`.
        command: the command line that asked for the report.
        now: when it is made; None: now.
    """
    album = Album()
    samples = galleries.samples(sources, album)
    samples += [own for source in sources for own in source.report.galleries(source, album)]
    training = galleries.training(sources, album)
    failures = galleries.failures(sources, album)
    tones = charts.tones(source.name for source in sources)
    histograms = [chart for gallery in (*samples, *training) if (chart := brightness(gallery, tones))]
    album.close()
    return template("report.html.j2").render(
        title=title,
        made=(now or datetime.now(timezone.utc)).strftime("%Y-%m-%d %H:%M UTC"),
        version=lowface_core.__version__,
        command=command,
        origins=[_origin(source) for source in sources],
        tables=tables,
        results=result_charts(sources),
        curves=charts.training(sources),
        histograms=histograms,
        samples=[*samples, *training],
        failures=failures,
        album=album,
        style=_asset("report.css"),
        script=_asset("report.js"),
    )


def _asset(name: str) -> Markup:
    return Markup((files("lowface_core.report") / "templates" / name).read_text(encoding="utf-8"))


def _origin(source: Source) -> dict[str, str]:
    """Where the numbers of one source come from."""
    manifest = source.content["manifest"]
    command: Any = manifest.get("command") or ""
    facts = {key: source.content[key] for key in source.report.facts if key in source.content}
    return {
        "name": source.name,
        "kind": source.kind + (f" (lowface {source.report.command})" if source.kind == source.family else ""),
        "folder": str(source.path),
        "started": str(manifest.get("started") or ""),
        "command": shlex.join(map(str, command)) if isinstance(command, list) else str(command),
        "manifest": json.dumps({**manifest, **facts}, indent=2, ensure_ascii=False),
        "config": source.config,
    }


@dataclass(frozen=True)
class Report:
    """What was made: the files by format, of what, with which tables."""

    files: dict[str, Path]
    sources: list[Source]
    tables: list[Table]


def targets(output: Path, formats: Sequence[str], overwrite: bool) -> dict[str, Path]:
    """The file of each format: ``output`` for the page, the same name with another suffix for the tables.

    Raises:
        LowfaceError: ``output`` is not the name of a page, or a file exists and may not be replaced.
    """
    if output.is_dir():
        output = output / "report.html"
    if output.suffix.lower() not in (".html", ".htm"):
        raise LowfaceError(f"{output}: the report is a page; give -o a name that ends in .html")
    files = {f: output if f == "html" else output.with_suffix(SUFFIXES[f]) for f in FORMATS if f in formats}
    taken = [file for file in files.values() if file.exists()]
    if taken and not overwrite:
        raise LowfaceError(f"{taken[0]}: exists; add --overwrite to replace it, or give another name with -o")
    return files


def make(
    folders: Sequence[Path],
    output: Path,
    title: str | None = None,
    formats: Sequence[str] = FORMATS,
    overwrite: bool = False,
    command: str = "",
) -> Report:
    """Reads the folders and writes the report; nothing is written when anything is wrong with them.

    Args:
        folders: training work dirs and result folders, in any mixture.
        output: the page's file; tables are written beside it.
        title: heading of the page; None: made from the methods' names.
        formats: of :data:`FORMATS`.
        command: the command line, for the page's head.

    Raises:
        LowfaceError: a folder is missing or half-written, results cannot be compared, or a file cannot be written.
    """
    files = targets(output, formats, overwrite)
    sources = load(folders)
    made = tables(sources)
    title = title or _title(sources)
    texts = {f: page(sources, made, title, command) if f == "html" else export(made, f, title) for f in files}
    for kind, text in texts.items():
        write_text(files[kind], text)
    return Report(files, sources, made)


def _title(sources: Sequence[Source]) -> str:
    names = list(dict.fromkeys(source.title for source in sources))
    return ", ".join(names) if len(names) <= 3 else f"{', '.join(names[:2])} and {len(names) - 2} more"
