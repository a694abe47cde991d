"""One thing the doctor has to say."""

from __future__ import annotations

from dataclasses import dataclass

OK, WARNING, FAULT = "ok", "warning", "fault"


@dataclass(frozen=True)
class Finding:
    """A finding.

    Attributes:
        level: ``ok``; ``warning`` (works, but look at it); ``fault`` (something will fail, or silently not happen).
        what: what was found, in one line.
        cure: what to do about it; empty when all is well.
    """

    level: str
    what: str
    cure: str = ""
