"""Results as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lowface_core.report.compare import text
from lowface_core.report.inputs import Source
from lowface_core.runs.known_kinds import find_kind

#: Keys that are shown of those gained and lost.
SHOWN = 5
ABSENT = {
    "normal": "the normal-light pictures are not known (--normal DIR gives them)",
    "enhanced": "no --enhancer was given",
}


def result_text(result: Mapping[str, Any]) -> str:
    """The tables of the report for one result, which stages are absent, and the first of those gained and lost."""
    kind, report = result["kind"], find_kind(result["kind"])
    tables = report.tables([Source(Path(), kind, kind, dict(result), report, name=result["title"])])
    if "enhanced" not in result["stages"]:
        tables = tables[:1]  # nothing was gained or lost
    lines = [
        text(tables),
        *(f"{stage}: absent; {why}" for stage, why in ABSENT.items() if stage not in result["stages"]),
    ]
    for word in ("gained", "lost"):
        if keys := result[word]:
            lines.append(f"{word}: {', '.join(keys[:SHOWN])}" + (" …" if len(keys) > SHOWN else ""))
    return "\n".join(lines)
