"""The report as one HTML file that needs nothing beside it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from datetime import datetime, timezone
from importlib.resources import files
from typing import Any

from markupsafe import Markup

import lowface_core
from lowface_core.report import charts, galleries
from lowface_core.report.album import Album
from lowface_core.report.brightness import brightness
from lowface_core.report.inputs import Source
from lowface_core.report.rendering import template
from lowface_core.report.summaries import charts as result_charts
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
