"""The weight store: named weights are found in the package, in the cache, or downloaded, verified and kept there."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import Any

from lowface_core.errors import WeightsError, listing, nearest
from lowface_core.files import exclusive, write_text, write_whole
from lowface_core.registry.registration import Component
from lowface_core.weights import hub
from lowface_core.weights.download import download, is_local
from lowface_core.weights.record import HERE, MISSING, WRONG, Record, home, records, sha256_of


def resolve(component: Component, requested: Any) -> str:
    """The local file that ``weights=requested`` means, downloaded if need be.

    Args:
        requested: the name of one of the component's weights records, the path of a file, or
            ``hf://owner/repo/file@revision``.

    Raises:
        WeightsError: neither; or the download is forbidden (``LOWFACE_OFFLINE=1``), fails, or has a wrong SHA-256.
    """
    check(component, requested)
    if hub.is_address(requested):
        return str(hub.fetch(requested))
    if requested not in component.weights:
        return str(Path(str(requested)).expanduser())
    record = Record(component, requested)
    if record.path.is_file():
        if not record.embedded or record.entry.sha256:
            record.verify()
        return str(record.path)
    return str(fetch(record))


def check(component: Component, requested: Any) -> None:
    """Checks, without fetching anything, that :func:`resolve` has a file to give or an address to fetch it from.

    Raises:
        WeightsError: it has not; says what to do.
    """
    records = component.weights
    if hub.is_address(requested):
        hub.check(requested)
        return
    if requested not in records:
        if Path(str(requested)).expanduser().is_file():
            return
        offer = f"; weights with a name: {listing(records)}{nearest(str(requested), records)}" if records else ""
        raise WeightsError(f"weights: no file {str(requested)!r}{offer}")
    record = Record(component, requested)
    if not record.path.is_file():
        _address(record)


def _address(record: Record) -> str:
    """Where a record's file may be fetched from.

    Raises:
        WeightsError: nowhere: it is to be fetched by hand, or the network is forbidden.
    """
    if record.entry.url is None:
        raise WeightsError(f"weights: {record.owned}: {record.how()}")
    if os.environ.get("LOWFACE_OFFLINE") == "1" and not is_local(record.entry.url):
        raise WeightsError(
            f"weights: {record.owned} are not in {home()}, and LOWFACE_OFFLINE=1 forbids fetching {record.entry.url}"
        )
    return record.entry.url


def fetch(record: Record) -> Path:
    """The file of a record, downloaded unless it is there and right; a wrong one is kept aside as ``<file>.wrong``.

    However many processes ask at once, one of them downloads.

    Raises:
        WeightsError: see :func:`resolve`; or the store cannot be written.
    """
    path = record.path
    if record.embedded:
        record.verify()
        return path
    state = record.state()
    if state not in (MISSING, WRONG):
        return path
    url = _address(record)
    with _lock(path):
        state = record.state()  # another process may have fetched it while this one waited
        if state == WRONG:
            path.replace(path.with_name(path.name + ".wrong"))
        if state in (MISSING, WRONG):
            record.noted.unlink(missing_ok=True)
            if not _take_from_twin(record):
                download(url, path, f"weights {record.owned}", record.sha256, record.entry.size)
            _note(record)
    return path


def _lock(path: Path) -> contextlib.ExitStack:
    """A context that holds the lock of a file in the store; says so while it waits for another process."""
    held = contextlib.ExitStack()
    try:
        waiting = f"waiting for another process that works on {path}"
        held.enter_context(exclusive(path.with_name(path.name + ".lock"), waiting, wait=True))
    except OSError as error:
        reason = error.strerror or str(error)
        raise WeightsError(f"{path.parent}: cannot be written ({reason}); set LOWFACE_HOME") from error
    return held


def _take_from_twin(record: Record) -> bool:
    """Links the file of another component's record of the same address, where that is here already."""
    for other in records():
        if other != record and other.entry.url == record.entry.url and other.state() == HERE:
            os.link(other.path, record.path)
            return True
    return False


def add(record: Record, file: Path) -> Path:
    """Copies a file into the store as the weights of a record, for weights that cannot be fetched from an address.

    Returns:
        The copy's path. What was there before is replaced.

    Raises:
        WeightsError: the weights ship with the package; ``file`` is missing, has another SHA-256 than the record, or,
            where the record has none, cannot be read as weights (a web page saved by mistake); or the store cannot be
            written.
    """
    if record.embedded:
        raise WeightsError(f"{record.name}: ships inside {record.component.package}; there is nothing to add")
    if not file.is_file():
        raise WeightsError(f"{file}: no such file")
    expected = (record.entry.sha256 or "").lower()
    if expected and not (found := sha256_of(file)).startswith(expected):
        raise WeightsError(f"{file}: SHA-256 is {found}, {record.name} has {expected}; nothing was added")
    if not expected and file.suffix != ".npz":
        from lowface_core.weights.state_dict import read_state

        read_state(file)
    path = record.path
    with _lock(path):
        record.noted.unlink(missing_ok=True)  # first: killed in between, a right file without a note is still right
        write_whole(path, lambda part: shutil.copyfile(file, part), WeightsError, "; set LOWFACE_HOME")
        _note(record)
    return path


def _note(record: Record) -> None:
    """Notes the hash of a file that came, where its record has none."""
    if record.entry.sha256:
        record.noted.unlink(missing_ok=True)
    else:
        write_text(record.noted, f"{sha256_of(record.path)}  {record.path.name}\n")
