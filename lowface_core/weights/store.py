"""The weight store: named weights are found in the package, in the cache, or downloaded, verified and kept there."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import http.client
import importlib.util
import os
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lowface_core.errors import WeightsError, listing, nearest
from lowface_core.registration import Component

CHUNK = 1 << 20


def home() -> Path:
    """Folder of downloaded weights: ``LOWFACE_HOME``, else ``lowface`` in the user's cache folder."""
    if os.environ.get("LOWFACE_HOME"):
        return Path(os.environ["LOWFACE_HOME"])
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lowface"


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, as lower-case hexadecimal text."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def package_file(component: Component, relative: str) -> Path:
    """A file that ships inside the plugin's package.

    Raises:
        WeightsError: the package does not hold it.
    """
    spec = importlib.util.find_spec(component.package)
    roots = list(spec.submodule_search_locations or []) if spec else []
    if spec and not roots and spec.origin:
        roots = [str(Path(spec.origin).parent)]
    for root in roots:
        if (Path(root) / relative).is_file():
            return Path(root) / relative
    raise WeightsError(f"weights: {component.package} does not ship {relative}; reinstall {component.distribution}")


def resolve(component: Component, asked: Any) -> str:
    """The local file that ``weights=asked`` means, downloaded if need be.

    Args:
        asked: the name of one of the component's weights records, or the path of a file.

    Raises:
        WeightsError: neither; or the download is forbidden (``LOWFACE_OFFLINE=1``), fails, or has a wrong SHA-256.
    """
    check(component, asked)
    record = component.facts.get("weights", {}).get(asked)
    if record is None:
        return str(Path(str(asked)).expanduser())
    path = _place(component, asked, record)
    if not path.is_file():
        with _locked(path):
            if not path.is_file():  # another process may have fetched it while this one waited
                _download(record["url"], path, _label(component, asked), record.get("sha256"))
    else:
        _verify(path, record.get("sha256"))
    return str(path)


def check(component: Component, asked: Any) -> None:
    """Checks, without fetching anything, that :func:`resolve` has a file to give or an address to fetch it from.

    Raises:
        WeightsError: it has not; says what to do.
    """
    records: Mapping[str, Any] = component.facts.get("weights", {})
    if asked not in records:
        if Path(str(asked)).expanduser().is_file():
            return
        offer = f"; weights with a name: {listing(records)}{nearest(str(asked), records)}" if records else ""
        raise WeightsError(f"weights: no file {str(asked)!r}{offer}")
    record = records[asked]
    if _place(component, asked, record).is_file():
        return
    if "url" not in record:
        raise WeightsError(f"weights: {_label(component, asked)} must be fetched by hand from {record.get('source')}")
    if os.environ.get("LOWFACE_OFFLINE") == "1":
        raise WeightsError(
            f"weights: {_label(component, asked)} are not in {home()}, "
            f"and LOWFACE_OFFLINE=1 forbids fetching {record['url']}"
        )


def _label(component: Component, name: str) -> str:
    return f"weights {name!r} of {component.kind} {component.name!r}"


def _place(component: Component, name: str, record: Mapping[str, Any]) -> Path:
    """Where a record's file is, or will be once fetched."""
    if "file" in record:
        return package_file(component, record["file"])
    suffix = Path(str(record.get("url", ""))).suffix or ".pth"
    return home() / component.distribution / f"{component.name}-{name}{suffix}"


def _verify(path: Path, sha256: str | None) -> None:
    """Compares a file with its record; records may hold the first digits only, as some publishers' file names do."""
    if sha256 and not (found := sha256_of(path)).startswith(sha256.lower()):
        raise WeightsError(f"{path}: SHA-256 is {found}, expected {sha256}; delete the file to fetch it again")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(path.name + ".lock").open("w")
    except OSError as error:
        raise WeightsError(f"{path.parent}: cannot be written ({error.strerror}); set LOWFACE_HOME") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _download(url: str, path: Path, label: str, sha256: str | None) -> None:
    part = path.with_name(path.name + ".part")
    print(f"fetching {label} from {url}", file=sys.stderr)
    try:
        with urllib.request.urlopen(url, timeout=60) as answer, part.open("wb") as file:
            size = int(answer.headers.get("Content-Length") or 0)
            while chunk := answer.read(CHUNK):
                file.write(chunk)
            if size and file.tell() != size:
                raise OSError(f"connection closed after {file.tell()} of {size} bytes")
        _verify_download(part, sha256, label)
        part.replace(path)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise WeightsError(f"{label}: {url} could not be fetched ({error}); fetch it by hand into {path}") from error
    finally:
        part.unlink(missing_ok=True)


def _verify_download(part: Path, sha256: str | None, label: str) -> None:
    if sha256 and not (found := sha256_of(part)).startswith(sha256.lower()):
        aside = part.with_name(part.name.removesuffix(".part") + ".wrong")
        part.replace(aside)
        raise WeightsError(f"{label}: SHA-256 of the download is {found}, expected {sha256}; kept aside as {aside}")
