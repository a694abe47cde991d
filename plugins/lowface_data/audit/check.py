"""Looking a data set over: files that cannot be used, and people or pictures on both sides of a split."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lowface_core.data.images import read_image
from lowface_core.data.luma import mean_luma
from lowface_core.errors import DataError
from lowface_data.audit.findings import ERROR, WARNING, Report
from lowface_data.audit.scan import Scan, scan
from lowface_data.folders.landmarks import read_landmarks
from lowface_data.folders.layout import Entry
from lowface_data.folders.picture_store import PictureStore
from lowface_data.folders.source import recognise
from lowface_data.synthesis.parallel import each

Tell = Callable[[str, int, int], None]


def check(
    root: Path, against: Path | None = None, layout: str | None = None, jobs: int = 1, tell: Tell | None = None
) -> Report:
    """Checks every file of a data set.

    Errors are files that cannot be decoded, do not belong together or hold wrong classes, and pictures or people that
    two splits, or ``root`` and ``against``, share. Warnings are pictures that occur twice on the same side, and people
    with a single picture where others have several.

    Args:
        against: another data set that must share no person and no picture with this one.
        layout: of ``root``, see :data:`lowface_data.folders.source.LAYOUTS`; None looks which one fits.
        jobs: processes.
        tell: called with a stage's name, files done and files in all.

    Raises:
        DataError: a folder does not exist, holds no pictures, or does not have the layout.
    """
    root = root.expanduser()
    report, files, seen = _look(root, layout, jobs, tell)
    _identities(report, files)
    _duplicates(report, files, seen)
    _leaks(report, files)
    if against is not None:
        other, theirs, known = _look(against.expanduser(), None, jobs, tell)
        if other.errors:
            report.add(WARNING, "against", f"{against}: has {other.errors} faults of its own; check it by itself")
        _against(report, files, seen, against, theirs, known)
    return report


def _look(root: Path, layout: str | None, jobs: int, tell: Tell | None) -> tuple[Report, Scan, dict[str, str]]:
    """Decodes every file; returns the report so far, the files, and the content hash of each key's picture."""
    report = Report(str(root), recognise(root, layout))
    files = scan(root, report)
    sizes: Counter[str] = Counter()
    light: dict[str, list[float]] = defaultdict(list)
    seen: dict[str, str] = {}
    tasks = [*files.entries.values(), *(Entry(path.stem, low=path) for path in files.loose)]
    total = len(tasks)
    for count, (entry, facts) in enumerate(zip(tasks, each(inspect, tasks, jobs), strict=True), 1):
        for kind, message in facts["faults"]:
            report.add(ERROR, kind, message)
        if files.entries.get(entry.key) is entry:
            sizes.update([facts["size"]] if facts["size"] else [])
            for name, value in facts["brightness"].items():
                light[name].append(value)
            if facts["hash"]:
                seen[entry.key] = facts["hash"]
        if tell is not None:
            tell(f"checking {root.name}", count, total)
    entries = files.entries.values()
    report.summary = {
        "pictures": len(files.entries),
        "low_light": sum(e.low is not None and e.normal is not None for e in entries),
        "maps": sum(e.labels is not None for e in entries),
        "identities": len({e.identity for e in entries if e.identity}),
        "splits": {split: len(keys) for split, keys in files.splits.items()},
        "sizes": dict(sizes.most_common()),
        "brightness": {name: round(float(np.mean(values)), 4) for name, values in light.items()},
    }
    return report, files, seen


def inspect(entry: Entry) -> dict[str, Any]:
    """Decodes one sample's files: faults as (kind, line), size, brightness, hash of the picture's bytes."""
    faults: list[tuple[str, str]] = []
    facts: dict[str, Any] = {"faults": faults, "size": "", "brightness": {}, "hash": ""}
    store = PictureStore(None, cache=False)
    shape: tuple[int, ...] | None = None
    for name, path in (("normal", entry.normal), ("low", entry.low)):
        if path is None:
            continue
        try:
            image = read_image(path)
        except DataError as error:
            faults.append(("unreadable", str(error)))
            continue
        facts["brightness"][name] = mean_luma(image)
        if shape is not None and image.shape[1:] != shape:
            faults.append(("size", f"{path}: is {_size(image.shape[1:])} pixels and its picture {_size(shape)}"))
        shape = shape or image.shape[1:]
        if path == entry.picture:
            facts["size"] = _size(shape)
            facts["hash"] = hashlib.sha256(path.read_bytes()).hexdigest()
    if entry.labels is not None and facts["size"]:
        try:
            store.labels(entry.labels, like=entry.picture)
        except DataError as error:
            text = str(error)
            kind = "classes" if "holds class" in text else "size" if "pixels and" in text else "unreadable"
            faults.append((kind, text))
    if entry.landmarks is not None:
        try:
            read_landmarks(entry.landmarks)
        except DataError as error:
            faults.append(("unreadable", str(error)))
    return facts


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]}x{shape[0]}"


def _identities(report: Report, files: Scan) -> None:
    """People with one picture; where everybody has one, that is how the set was made."""
    count = Counter(entry.identity for entry in files.entries.values() if entry.identity)
    single = sorted(identity for identity, number in count.items() if number == 1)
    report.summary["identities_with_one_picture"] = len(single)
    if len(single) < len(count):
        for identity in single:
            report.add(WARNING, "single", f"identity {identity!r} has one picture: none is left as a probe")


def _groups(files: Scan, seen: dict[str, str]) -> list[list[str]]:
    """Keys of pictures with the same bytes."""
    same: dict[str, list[str]] = defaultdict(list)
    for key, content in seen.items():
        same[content].append(key)
    return [keys for keys in same.values() if len(keys) > 1]


def _duplicates(report: Report, files: Scan, seen: dict[str, str]) -> None:
    sides = {key: split for split, keys in files.splits.items() for key in keys}
    for keys in _groups(files, seen):
        names = ", ".join(str(files.entries[key].picture) for key in keys)
        between = {sides.get(key) for key in keys} - {None}
        if len(between) > 1:
            report.add(ERROR, "picture_leak", f"the same picture in {_both(between)}: {names}")
        else:
            report.add(WARNING, "duplicate", f"the same picture {len(keys)} times: {names}")


def _leaks(report: Report, files: Scan) -> None:
    people = {split: _people(files, keys) for split, keys in files.splits.items()}
    for first, second in itertools.combinations(sorted(files.splits), 2):
        for key in sorted(set(files.splits[first]) & set(files.splits[second])):
            report.add(ERROR, "picture_leak", f"{key!r} is in {_both({first, second})}")
        shared = sorted(set(people[first]) & set(people[second]))
        for identity in shared:
            keys = f"{people[first][identity]!r} and {people[second][identity]!r}"
            report.add(ERROR, "identity_leak", f"identity {identity!r} is in {_both({first, second})}: {keys}")


def _against(
    report: Report, files: Scan, seen: dict[str, str], against: Path, theirs: Scan, known: dict[str, str]
) -> None:
    there = {content: key for key, content in known.items()}
    for key, content in seen.items():
        if content in there:
            other = theirs.entries[there[content]].picture
            report.add(ERROR, "picture_leak", f"{files.entries[key].picture}: the same picture is {other}")
    people = _people(theirs, list(theirs.entries))
    for identity in sorted(set(_people(files, list(files.entries))) & set(people)):
        report.add(ERROR, "identity_leak", f"identity {identity!r} is in {against} as well: {people[identity]!r}")


def _people(files: Scan, keys: list[str]) -> dict[str, str]:
    """Identity → one of its keys."""
    return {e.identity: key for key in keys if (e := files.entries.get(key)) is not None and e.identity}


def _both(splits: set[str | None]) -> str:
    return " and ".join(repr(split) for split in sorted(s for s in splits if s))
