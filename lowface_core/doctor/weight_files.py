"""Weights: every file that is here is the right one, embedded ones are all here, and networks can be built of them."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from importlib.util import find_spec

from lowface_core.doctor.finding import FAULT, OK, WARNING, Finding
from lowface_core.errors import LowfaceError
from lowface_core.progress import tracked
from lowface_core.registry.loader import lenient_plugins
from lowface_core.registry.registration import cause
from lowface_core.weights.record import EMBEDDED, HERE, WRONG, Record, home, records, unique_name


def check() -> Iterator[Finding]:
    """Findings about the store and about each record whose file is here or should be."""
    lenient_plugins()  # so that records() does not stop at a broken plugin
    every = records()
    if not every:
        yield Finding(FAULT, "no plugin registers any weights", "look at the plugins above")
    sound, missing = [], 0
    for record in tracked(every, "comparing weights with their SHA-256"):
        name = unique_name(record, every)
        try:
            state = record.state()
            if state == WRONG:
                cure = _reinstall(record.owner) if record.embedded else f"delete it, then: {record.how()}"
                yield Finding(FAULT, f"{name}: {record.path} is damaged or another file; its SHA-256 is wrong", cure)
            elif record.embedded and state != EMBEDDED and not record.entry.extra:
                yield _not_shipped(record, name)
            elif state in (EMBEDDED, HERE):
                yield Finding(OK, f"{name}: {state}, {'SHA-256 is right' if record.sha256 else 'no hash on record'}")
                sound += [record] if record.embedded and record.entry.record else []
            else:
                missing += 1
        except (OSError, ValueError) as error:
            cure = f"look at the rights of {home()}, or set LOWFACE_HOME to another folder"
            yield Finding(FAULT, f"{name}: cannot be read: {cause(error)}", cure)
    yield Finding(OK, f"{missing} weights are not here; lowface weights list tells how to get them")
    yield from _left_over()
    for record in sound:
        yield _builds(record, unique_name(record, every))


def _not_shipped(record: Record, name: str) -> Finding:
    """An embedded file that is missing: with its package, which may be an optional one, or out of it."""
    owner = record.owner
    if record.entry.package and find_spec(owner) is None:
        cure = f"pip install {owner}, if you want to use {record.component.kind} {record.component.name!r}"
        return Finding(WARNING, f"{name}: ships with the package {owner!r}, which is not installed", cure)
    return Finding(FAULT, f"{name}: ships with {owner} and is not there", _reinstall(owner))


def _reinstall(owner: str) -> str:
    return f"pip install --force-reinstall --no-deps {owner.replace('_', '-')}"


def _left_over() -> Iterator[Finding]:
    """Files that broken downloads and wrong files left."""
    folder = home()
    if not folder.is_dir():
        return
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".wrong":
            what = f"{path}: a wrong file that was put aside, {path.stat().st_size >> 20} MiB"
            yield Finding(WARNING, what, "delete it, unless you want to know what it is")
        if path.suffix == ".part":
            what = f"{path}: a download that broke off at {path.stat().st_size >> 20} MiB"
            yield Finding(WARNING, what, "lowface weights fetch continues it; or delete it")


def _builds(record: Record, name: str) -> Finding:
    """Builds the component of embedded weights: the file is read, and what its network stands on is imported."""
    from lowface_core.config.build import build_from

    component = record.component
    spec = {"type": f"{component.plugin}/{component.name}", "weights": record.key}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            build_from(component.kind, spec, name)
    except LowfaceError as error:
        cure = f"see the packages above; then {_reinstall(component.distribution)}"
        return Finding(FAULT, "; ".join(str(error).split("\n")), cure)
    training = record.path.with_suffix(".json")
    made = json.loads(training.read_text("utf-8")) if training.is_file() else {}
    trained = f", trained by {made['command']!r}" if "command" in made else ""
    return Finding(OK, f"{name}: {component.kind} {component.name!r} is built of them{trained}")
