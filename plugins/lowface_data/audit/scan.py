"""The files of a data set, gathered without stopping at what does not fit, and the report that takes it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lowface_core.data.normal_form import normal_form
from lowface_core.errors import DataError
from lowface_data.folders.layout import Entry, files_by_key, identity_of, read_splits
from lowface_data.folders.placed import SPARE
from lowface_data.folders.source import Source, open_source

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


#: Folders of the released layout: field of an entry → (folder, what lies in it).
FOLDERS = {
    "normal": ("normal", "picture"),
    "low": ("underexposed", "low-light picture"),
    "labels": ("seg", "label map"),
}


def scan(root: Path, report: Report) -> Source:
    """The files below ``root``; what does not fit the layout is added to the report.

    Where files have known places, each is looked at; in other layouts (``celeba_mask_hq``, ``lapa``, ``lfw``,
    ``casia_facev5``, ``image_folder``) the first misfit ends it.

    Raises:
        DataError: the folder does not exist or holds no pictures.
    """

    told: set[str] = set()

    def tell(kind: str, message: str) -> None:
        if message not in told:  # each split is looked for by itself, and may meet the same fault
            told.add(message)
            report.add(WARNING if kind == SPARE else ERROR, kind, message)

    return _released(root, report) if report.layout == "lapa_face" else open_source(root, report.layout, tell)


def _released(root: Path, report: Report) -> Source:
    found: dict[str, dict[str, Path]] = {}
    loose: list[Path] = []
    present = [name for name, (folder, _) in FOLDERS.items() if (root / folder).is_dir()]
    for name in present:
        twins: list[tuple[Path, Path]] = []
        found[name] = files_by_key(root / FOLDERS[name][0], twins)
        for path, first in twins:
            report.add(ERROR, "same_key", f"{path}: {first} has the same key {normal_form(path.stem)!r}")
            loose.append(path)
    normal = found.get("normal", {})
    if not normal:
        raise DataError(f"{root / 'normal'}: holds no pictures")
    for name in present[1:]:
        folder, what = FOLDERS[name]
        for key in sorted(set(found[name]) - set(normal)):
            report.add(ERROR, "orphan", f"{found[name][key]}: a {what} without a picture in normal/")
            loose.append(found[name][key])
        for key in sorted(set(normal) - set(found[name])):
            report.add(ERROR, "orphan", f"{normal[key]}: a picture without a {what} in {folder}/")
    entries = {}
    for key, path in normal.items():
        identity = None
        try:
            identity = identity_of(path)
        except DataError as error:
            report.add(ERROR, "name", str(error))
        entries[key] = Entry(key, identity, path, found.get("low", {}).get(key), found.get("labels", {}).get(key))
    return Source(dict(sorted(entries.items())), _splits(root, entries, report), loose=tuple(loose))


def _splits(root: Path, entries: dict[str, Entry], report: Report) -> dict[str, list[str]]:
    path = root / "split.json"
    if not path.exists():
        return {}
    try:
        splits = read_splits(path)
    except DataError as error:
        report.add(ERROR, "split", str(error))
        return {}
    for split, keys in splits.items():
        for key in keys:
            if key not in entries:
                report.add(ERROR, "split", f"{path}: split {split!r} names {key!r}, which is not in normal/")
        for key in sorted(key for key, count in Counter(keys).items() if count > 1):
            report.add(ERROR, "split", f"{path}: split {split!r} names {key!r} more than once")
    return splits
