"""What a check of a data set found."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Finding:
    """One fault.

    Attributes:
        level: ``error`` or ``warning``.
        kind: one word for programs, e.g. ``unreadable``.
        message: one line that names the file or folder and says what is wrong.
    """

    level: str
    kind: str
    message: str


@dataclass
class Report:
    """A checked data set.

    Attributes:
        root: the folder.
        layout: the layout it was read in.
        summary: counts, sizes, mean brightness.
        findings: in the order of the checks.
    """

    root: str
    layout: str
    summary: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def add(self, level: str, kind: str, message: str) -> None:
        self.findings.append(Finding(level, kind, message))

    @property
    def errors(self) -> int:
        return sum(f.level == ERROR for f in self.findings)

    def as_data(self) -> dict[str, Any]:
        return {**asdict(self), "errors": self.errors, "warnings": len(self.findings) - self.errors}
