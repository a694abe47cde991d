"""Writing files whole or not at all; one process at a time."""

from __future__ import annotations

import codecs
import contextlib
import errno
import functools
import hashlib
import itertools
import json
import math
import os
import re
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lowface_core.errors import BusyError, LowfaceError

PART = re.compile(r"\.[0-9a-f]{16}\.([0-9a-f]{6})-(\d+)\.part")
#: Control characters that JSON itself leaves as they are.
_DELETE = re.compile(r"[\x7f-\x9f]")
#: Folders in which this process has looked for what others left.
_tidied: set[Path] = set()


def write_whole(
    path: Path, write: Callable[[Path], Any], raising: type[LowfaceError] = LowfaceError, cure: str = ""
) -> None:
    """Calls ``write`` with a temporary path beside ``path`` and renames it into place once it is complete and on disk.

    What killed processes left half written in the folder goes when a process first writes there.

    Raises:
        LowfaceError: the folder cannot be written; of the class ``raising``, with ``cure`` at its end.
    """
    part = part_of(path, os.getpid())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.parent not in _tidied:
            _tidied.add(path.parent)
            drop_parts(path.parent)
        write(part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except LowfaceError:
        raise
    except Exception as error:
        if not isinstance(error, (OSError, RuntimeError)) and type(error).__name__ != "SafetensorError":
            raise
        reason = getattr(error, "strerror", None) or _reason(path.parent, error)
        raise raising(f"{path}: cannot be written ({reason}){cure}") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Context for adding to a file that is open: what the system refuses names the file.

    Raises:
        LowfaceError: it cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise LowfaceError(f"{path}: cannot be written ({error.strerror or error})") from error


def read_text(path: Path, encoding: str = "utf-8") -> str:
    """The text of a file that people give; a pipe or device, which might never end, is none.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not text.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OSError(errno.EINVAL, "is a pipe or a device, not a file")
    content = path.read_bytes()
    utf16 = content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return content.decode("utf-16" if utf16 else encoding)


def json_of(text: str) -> Any:
    """What a text of JSON holds.

    Raises:
        ValueError: it is none, or deeper than Python can read.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("its parts stand too deep inside each other") from None


def read_json(path: Path) -> Any:
    """What a file of JSON holds that lowface itself wrote.

    Raises:
        LowfaceError: it cannot be read, or is damaged.
    """
    try:
        return json_of(read_text(path))
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise LowfaceError(f"{path}: is damaged ({reason}); remove it, and it is made anew") from error


def _reason(folder: Path, error: Exception) -> str:
    """Why torch or safetensors could not write; torch does not say what the system said."""
    with contextlib.suppress(OSError):
        if shutil.disk_usage(folder).free < 2**20:
            return "no space left on the disk"
    text = " ".join(str(error).split())[:200] or type(error).__name__
    return "the disk, or a limit on the size of files, is full" if "inline_container" in text else text


def drop_parts(folder: Path) -> None:
    """Removes the half files of processes that were killed while they wrote whole ones into a folder.

    Those of another machine, where nobody can tell, go after a day.
    """
    for stale in folder.glob(".*.part*"):
        if not (named := PART.match(stale.name)):
            continue
        with contextlib.suppress(OSError):  # another process was quicker
            foreign = named[1] != _here()
            if time.time() - stale.stat().st_mtime > 86400 if foreign else not _runs(int(named[2])):
                stale.unlink()


def part_of(path: Path, process: int) -> Path:
    """Where a process of this machine writes a file until it is whole."""
    # not by the name itself, which may be as long as the file system takes already
    digest = hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]
    return path.with_name(f".{digest}.{_here()}-{process}.part{path.suffix}")


@functools.cache
def _here() -> str:
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:6]


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # somebody else's
        pass
    return True


def numbered(base: Path) -> Iterator[Path]:
    """``base``, ``base-2``, ``base-3`` and so on, without end."""
    return (base if n == 1 else base.with_name(f"{base.name}-{n}") for n in itertools.count(1))


def write_text(path: Path, text: str) -> None:
    """Writes a text file whole or not at all."""
    write_whole(path, lambda part: part.write_text(text, encoding="utf-8", errors="backslashreplace"))


def write_json(path: Path, content: Any) -> None:
    """Writes :func:`json_text` whole or not at all."""
    write_text(path, json_text(content) + "\n")


def json_text(content: Any, indent: int | None = 2, default: Callable[[Any], Any] | None = None) -> str:
    """JSON that can always be written and shown: infinite numbers and NaN, which it lacks, become null, and bytes of
    file names that are not UTF-8 the escapes that read back as Python's stand-ins for them."""
    text = json.dumps(finite(content), indent=indent, ensure_ascii=False, allow_nan=False, default=default)
    text = _DELETE.sub(lambda one: f"\\u{ord(one[0]):04x}", text)
    return text.encode(errors="backslashreplace").decode()


def finite(value: Any) -> Any:
    """The same data with None in place of infinite and NaN numbers."""
    if isinstance(value, dict):
        return {k: finite(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@contextlib.contextmanager
def exclusive(lock: Path, message: str, wait: bool = False) -> Iterator[None]:
    """Holds a lock file while the block runs; a process that ends, however it ends, frees it.

    The file stays behind, empty: removing it would let a third process lock a file of its own. On network file systems
    it works as far as they support ``flock``.

    Args:
        lock: the lock file; its folder is made.
        message: what to say while another process holds it.
        wait: print ``message`` on stderr and wait, rather than raise it.

    Raises:
        BusyError: another process holds it, and ``wait`` is not set.
        OSError: the folder cannot be made, written or locked.
    """
    from filelock import FileLock, Timeout

    lock.parent.mkdir(parents=True, exist_ok=True)
    held = FileLock(lock)
    try:
        held.acquire(blocking=False)
    except Timeout:
        if not wait:
            raise BusyError(message) from None
        print(message, file=sys.stderr)
        held.acquire()
    try:
        yield
    finally:
        held.release()
