"""Looking a data set over: files that cannot be used, and people or pictures on both sides of a split."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from lowface_core.data.luma import mean_luma
from lowface_core.errors import DataError
from lowface_data.audit.scan import ERROR, WARNING, Report, scan
from lowface_data.folders.boxes import BoxFile
from lowface_data.folders.layout import Entry
from lowface_data.folders.picture_store import PictureStore, UnreadableError
from lowface_data.folders.source import Source, recognise
from lowface_data.parallel import each


@dataclass
class Examined:
    """What decoding one sample's files found: faults as (kind, line), size, brightness, hash of the picture's bytes."""

    faults: list[tuple[str, str]]
    size: str = ""
    brightness: dict[str, float] = field(default_factory=dict)
    digest: str = ""


@dataclass
class Checked:
    """A data set whose files have been decoded; ``digests`` holds the hash of each key's picture."""

    report: Report
    source: Source
    digests: dict[str, str]


def check(root: Path, against: Path | None = None, layout: str | None = None, jobs: int = 1) -> Report:
    """Checks every file of a data set.

    Errors are files that cannot be decoded, do not belong together or hold wrong classes, and pictures or people that
    two splits, or ``root`` and ``against``, share. Warnings are pictures that occur twice on the same side, and people
    with a single picture where others have several.

    Args:
        against: another data set that must share no person and no picture with this one.
        layout: of ``root``, see :data:`lowface_data.folders.source.LAYOUTS`; None looks which one fits.
        jobs: processes.

    Raises:
        DataError: a folder does not exist, holds no pictures, or does not have the layout.
    """
    own = _decode(root.expanduser(), layout, jobs)
    _find_single_pictures(own)
    _find_duplicates(own)
    _find_leaks_between_splits(own)
    if against is not None:
        _find_leaks_between_sets(own, _decode(against.expanduser(), None, jobs), against)
    return own.report


def _decode(root: Path, layout: str | None, jobs: int) -> Checked:
    """Decodes every file and begins the report."""
    report = Report(str(root), recognise(root, layout))
    source = scan(root, report)
    sizes: Counter[str] = Counter()
    light: dict[str, list[float]] = defaultdict(list)
    digests: dict[str, str] = {}
    tasks = [*source.entries.values(), *(Entry(path.stem, low=path) for path in source.loose)]
    names = [*source.entries, *(None for _ in source.loose)]
    for name, found in zip(names, each(examine, tasks, jobs, f"checking {root.name}"), strict=True):
        for kind, message in found.faults:
            report.add(ERROR, kind, message)
        if name is not None:
            for stage, value in found.brightness.items():
                light[stage].append(value)
            if found.digest:
                sizes[found.size] += 1
                digests[name] = found.digest
    entries = source.entries.values()
    report.summary = {
        "pictures": len(source.entries),
        "low_light": sum(e.low is not None and e.normal is not None for e in entries),
        "maps": sum(e.labels is not None for e in entries),
        **({"box_files": boxes} if (boxes := sum(e.boxes is not None for e in entries)) else {}),
        "identities": len({e.identity for e in entries if e.identity}),
        "splits": {split: len(keys) for split, keys in source.splits.items()},
        "sizes": dict(sizes.most_common()),
        "brightness": {name: round(float(np.mean(values)), 4) for name, values in light.items()},
    }
    return Checked(report, source, digests)


def examine(entry: Entry) -> Examined:
    """Decodes one sample's files."""
    store = PictureStore(None)
    found = Examined([(fault.kind, str(fault)) for fault in store.faults(entry)])
    if entry.boxes is not None:
        found.faults += [("boxes", line) for line in _faults_of_boxes(entry.boxes, entry.picture, store)]
    for name, path in (("normal", entry.normal), ("low", entry.low)):
        with contextlib.suppress(UnreadableError):
            if path is not None:
                found.brightness[name] = mean_luma(store.picture(path))
            if path == entry.picture:
                height, width = store.shape(path)
                found.size, found.digest = f"{width}x{height}", hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def _faults_of_boxes(boxes: BoxFile, picture: Path, store: PictureStore) -> list[str]:
    """What is wrong with a file of boxes: it cannot be read, or the first box that reaches out of the picture."""
    try:
        edges = boxes.read().boxes
    except DataError as error:
        return [str(error)]
    with contextlib.suppress(UnreadableError):
        height, width = store.shape(picture)
        out = (edges < -1) | (edges > np.array([width, height] * 2) + 1)  # a pixel is a matter of counting
        for number in np.flatnonzero(out.any(1))[:1]:
            numbers = " ".join(f"{edge:g}" for edge in edges[number])
            return [f"{boxes.path}: box {number + 1} ({numbers}) reaches out of its picture of {width}x{height} pixels"]
    return []


def _find_single_pictures(own: Checked) -> None:
    """People with one picture; where everybody has one, that is how the set was made."""
    count = Counter(entry.identity for entry in own.source.entries.values() if entry.identity)
    single = sorted(identity for identity, number in count.items() if number == 1)
    own.report.summary["identities_with_one_picture"] = len(single)
    if len(single) < len(count):
        for identity in single:
            own.report.add(WARNING, "single", f"identity {identity!r} has one picture: none is left as a probe")


def _find_duplicates(own: Checked) -> None:
    sides = {key: split for split, keys in own.source.splits.items() for key in keys}
    same: dict[str, list[str]] = defaultdict(list)
    shown = {own.source.entries[key].picture: key for key in own.digests}  # several low-light pictures may share one
    for key in shown.values():
        same[own.digests[key]].append(key)
    for keys in (keys for keys in same.values() if len(keys) > 1):
        names = ", ".join(str(own.source.entries[key].picture) for key in keys)
        between = {sides[key] for key in keys if key in sides}
        if len(between) > 1:
            own.report.add(ERROR, "picture_leak", f"the same picture in {_both(between)}: {names}")
        else:
            own.report.add(WARNING, "duplicate", f"the same picture {len(keys)} times: {names}")


def _find_leaks_between_splits(own: Checked) -> None:
    splits = own.source.splits
    people = {split: _people(own.source, keys) for split, keys in splits.items()}
    for first, second in itertools.combinations(sorted(splits), 2):
        for key in sorted(set(splits[first]) & set(splits[second])):
            own.report.add(ERROR, "picture_leak", f"{key!r} is in {_both({first, second})}")
        for identity in sorted(set(people[first]) & set(people[second])):
            keys = f"{people[first][identity]!r} and {people[second][identity]!r}"
            own.report.add(ERROR, "identity_leak", f"identity {identity!r} is in {_both({first, second})}: {keys}")


def _find_leaks_between_sets(own: Checked, other: Checked, folder: Path) -> None:
    """What ``own`` shares with the data set in ``folder``."""
    if other.report.errors:
        errors = other.report.errors
        own.report.add(WARNING, "against", f"{folder}: has {errors} faults of its own; check it by itself")
    there = {digest: other.source.entries[key].picture for key, digest in other.digests.items()}
    for key, digest in own.digests.items():
        if digest in there:
            path = own.source.entries[key].picture
            own.report.add(ERROR, "picture_leak", f"{path}: the same picture is {there[digest]}")
    people, theirs = (_people(one.source, one.source.entries) for one in (own, other))
    for identity in sorted(set(people) & set(theirs)):
        own.report.add(ERROR, "identity_leak", f"identity {identity!r} is in {folder} as well: {theirs[identity]!r}")


def _people(source: Source, keys: Iterable[str]) -> dict[str, str]:
    """Identity → one of its keys."""
    return {e.identity: key for key in keys if (e := source.entries.get(key)) is not None and e.identity}


def _both(splits: set[str]) -> str:
    return " and ".join(map(repr, sorted(splits)))
