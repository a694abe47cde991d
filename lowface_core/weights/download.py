"""Downloads that continue where they broke off and are taken over only when they are whole and the right file."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lowface_core.errors import WeightsError
from lowface_core.files import write_text
from lowface_core.progress import counted
from lowface_core.weights.record import CHUNK, sha256_of

SCHEMES = ("http", "https", "file")
TIMEOUT = 60  # seconds without a byte


def is_local(url: str) -> bool:
    """Whether an address needs no network."""
    return urlsplit(url).scheme == "file"


def download(url: str, path: Path, label: str, sha256: str | None = None, size: int | None = None) -> None:
    """Downloads a file to ``path``, by way of ``<path>.part``, which stays when the connection breaks.

    A part that is there is continued with an HTTP Range request if what arrives can be trusted to be the same file: the
    server's ETag or date is asked for along with it, or a hash is known. A server that sends the whole file instead
    starts it anew. The caller holds the lock of ``path``.

    Args:
        url: ``http://``, ``https://`` or ``file://``.
        label: what messages call the file.
        sha256: expected hash, or its first digits.
        size: expected number of bytes; looked at where there is no hash.

    Raises:
        WeightsError: another scheme, no connection, a transfer cut short, or a wrong file, which is kept aside as
            ``<path>.wrong``.
    """
    if urlsplit(url).scheme not in SCHEMES:
        raise WeightsError(f"{label}: {url} is not an address of {', '.join(f'{s}://' for s in SCHEMES)}")
    part, tag = path.with_name(path.name + ".part"), path.with_name(path.name + ".part.tag")
    print(f"fetching {label} from {url}", file=sys.stderr)
    try:
        _transfer(url, part, tag, label, whole_is_checked=sha256 is not None)
        tag.unlink(missing_ok=True)
        _verify_download(part, sha256, size, label)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except (OSError, http.client.HTTPException, ValueError) as error:
        kept = part.stat().st_size if part.is_file() else 0
        if not kept:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
                tag.unlink(missing_ok=True)
        reason = " ".join(str(error).split()) or type(error).__name__
        more = f"; {kept} bytes are kept, asking again continues there" if kept else ""
        cause = f"{url} could not be fetched ({reason}{more})"
        raise WeightsError(f"{label}: {cause}; fetch it by hand into {path}") from error


def _verify_download(part: Path, sha256: str | None, size: int | None, label: str) -> None:
    found: object
    if sha256:
        what, found, right = "SHA-256", sha256_of(part), sha256.lower()
        wrong = not str(found).startswith(right)
    else:
        what, found, right = "size", part.stat().st_size, str(size)
        wrong = size is not None and found != size
    if wrong:
        aside = part.with_name(part.name.removesuffix(".part") + ".wrong")
        part.replace(aside)
        raise WeightsError(f"{label}: {what} of the download is {found}, expected {right}; kept aside as {aside}")


def _opener() -> urllib.request.OpenerDirector:
    """Opens http, https and file, and follows redirections to nothing else (urllib's own would go to ftp)."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.UnknownHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.FileHandler,
    ):
        opener.add_handler(handler())
    opener.addheaders = [("User-Agent", "lowface")]
    return opener


def _transfer(url: str, part: Path, tag: Path, label: str, whole_is_checked: bool) -> None:
    """Fills ``part`` until it is whole; leaves what arrived when it fails."""
    have = part.stat().st_size if part.is_file() else 0
    validator = tag.read_text("utf-8") if tag.is_file() else ""
    if is_local(url) or not (validator or whole_is_checked):
        have = 0
    request = urllib.request.Request(url)
    if have:
        request.add_header("Range", f"bytes={have}-")
        if validator:
            request.add_header("If-Range", validator)
    try:
        answer = _opener().open(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code != 416 or not have:  # 416: nothing beyond what is here
            raise
        if error.headers.get("Content-Range", "").strip() == f"bytes */{have}":
            return
        part.unlink()
        return _transfer(url, part, tag, label, whole_is_checked)
    with answer:
        start, total = _extent(answer, have)
        if not start:
            _remember(answer, tag)
        with part.open("r+b" if start else "wb") as file, counted(label, total, start, in_bytes=True) as advance:
            file.seek(start)
            while chunk := answer.read1(CHUNK):
                file.write(chunk)
                advance(len(chunk))
            if total is not None and file.tell() != total:
                raise OSError(f"connection closed after {file.tell()} of {total} bytes")


def _extent(answer: Any, have: int) -> tuple[int, int | None]:
    """Where in the file the answer starts, and the whole file's size if the server says it."""
    if have and answer.status == 206:
        found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", "").strip())
        if not found or int(found[1]) != have:
            raise OSError(f"the server sent another part of the file than bytes {have}- of it")
        return have, None if found[2] == "*" else int(found[2])
    length = answer.headers.get("Content-Length")
    return 0, int(length) if length else None


def _remember(answer: Any, tag: Path) -> None:
    """Notes how to tell later that the server's file is still the same: its strong ETag, else its date."""
    etag = answer.headers.get("ETag", "")
    validator = etag if etag.startswith('"') else answer.headers.get("Last-Modified", "")
    write_text(tag, validator) if validator else tag.unlink(missing_ok=True)
