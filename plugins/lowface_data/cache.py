"""Decoded pictures kept in memory or on disk, up to a size."""

from __future__ import annotations

import hashlib
import io
import logging
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lowface_core.errors import ConfigError, LowfaceError
from lowface_core.files import write_whole

logger = logging.getLogger("lowface")

GIGABYTES = 4.0
#: Raised when the files change, so that older ones are left alone.
VERSION = 2
Key = tuple[str, Any, tuple[Path, ...]]
#: A picture or map in eight bits, and (height, width) in its file.
Decoded = tuple[np.ndarray, tuple[int, int]]


class MemoryCache:
    """Keeps arrays until it is full; what comes later is not kept, so that an endless loop over a large set still finds
    a share of it. A loader's worker processes have a cache each."""

    def __init__(self, gigabytes: float = GIGABYTES) -> None:
        self._left = int(gigabytes * 2**30)
        self._arrays: dict[Key, Decoded] = {}

    def get(self, key: Key) -> Decoded | None:
        return self._arrays.get(key)

    def put(self, key: Key, value: Decoded) -> None:
        if value[0].nbytes <= self._left:
            self._left -= value[0].nbytes
            self._arrays[key] = value


class DiskCache:
    """Keeps arrays as files, shared by worker processes and by later runs; a changed picture counts as another one.

    A file that is damaged, or holds something else than what is asked for, is made again. A full cache drops files that
    this process has not used, oldest first, and then keeps no more.

    Raises:
        ConfigError: the folder cannot be made.
    """

    def __init__(self, folder: str | os.PathLike[str], gigabytes: float = GIGABYTES) -> None:
        self.folder = Path(folder).expanduser()
        self.limit = int(gigabytes * 2**30)
        self._used: set[str] = set()
        self._told = False
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._size = sum(path.stat().st_size for path in self.folder.glob("*.npy"))
        except OSError as error:
            raise ConfigError(f"cache: {self.folder} cannot be used ({error.strerror})") from error

    def get(self, key: Key) -> Decoded | None:
        name = self._name(key)
        try:
            content = (self.folder / name).read_bytes()
            if zlib.crc32(content[4:]) != int.from_bytes(content[:4], "little"):
                return None
            height, width = np.frombuffer(content[4:12], np.uint32).tolist()
            array = np.load(io.BytesIO(content[12:]), allow_pickle=False)
        except (OSError, ValueError, EOFError, MemoryError):
            return None
        if not _expected(key, array, (height, width)):
            return None
        self._used.add(name)
        return array, (height, width)

    def put(self, key: Key, value: Decoded) -> None:
        name = self._name(key)
        need = value[0].nbytes + 140  # with the headers
        if self._size + need > self.limit and not self._make_room(need):
            return

        def write(part: Path) -> None:
            file = io.BytesIO()
            file.write(np.array(value[1], np.uint32).tobytes())
            np.save(file, value[0], allow_pickle=False)
            part.write_bytes(zlib.crc32(file.getvalue()).to_bytes(4, "little") + file.getvalue())

        try:
            write_whole(self.folder / name, write)
        except LowfaceError as error:  # a full disk costs time, not the run
            if not self._told:
                logger.warning("%s; what is not kept is decoded again", error)
            self._told = True
            return
        self._used.add(name)
        self._size += need

    def _make_room(self, need: int) -> bool:
        files = []
        for path in self.folder.glob("*.npy"):
            try:
                files.append((path.stat().st_mtime_ns, path.stat().st_size, path))
            except OSError:  # another process was quicker
                continue
        self._size = sum(size for _, size, _ in files)
        for _, size, path in sorted(files):
            if self._size + need <= self.limit:
                break
            if path.name not in self._used:
                path.unlink(missing_ok=True)
                self._size -= size
        return self._size + need <= self.limit

    @staticmethod
    def _name(key: Key) -> str:
        kind, size, files = key
        digest = hashlib.sha256(f"{VERSION}|{kind}|{size}".encode())
        for path in files:
            try:
                facts = path.stat()
                digest.update(os.fsencode(f"|{path.absolute()}|{facts.st_mtime_ns}|{facts.st_size}"))
            except OSError:
                digest.update(os.fsencode(f"|{path.absolute()}|gone"))
        return f"{digest.hexdigest()[:32]}.npy"


def _expected(key: Key, array: np.ndarray, in_file: tuple[int, int]) -> bool:
    """Whether an array can be the picture or map that the key asks for."""
    kind, size, _ = key
    if kind == "picture":
        told = array.ndim == 3 and array.shape[0] == 3 and array.dtype in (np.uint8, np.uint16, np.float32)
        told = told and (array.dtype != np.float32 or bool(((array >= 0) & (array <= 1)).all()))
    else:
        told = array.ndim == 2 and array.dtype == np.uint8
    fits = array.shape[-2:] == (size, size) if size else kind == "masks" or array.shape[-2:] == in_file
    return told and fits


def make_cache(spec: bool | Mapping[str, Any]) -> MemoryCache | DiskCache | None:
    """The cache a data set's ``cache=`` asks for.

    Args:
        spec: True: memory, 4 GiB at most; False: none; ``dict(gigabytes=2)``: memory of that size;
            ``dict(folder="…", gigabytes=20)``: disk.

    Raises:
        ConfigError: something else.
    """
    if isinstance(spec, bool):
        return MemoryCache() if spec else None
    size = spec.get("gigabytes", GIGABYTES) if isinstance(spec, Mapping) else None
    if not isinstance(spec, Mapping) or set(spec) - {"folder", "gigabytes"} or not isinstance(size, (int, float)):
        raise ConfigError(f"cache: is {spec!r}; write True, False, dict(gigabytes=2) or dict(folder='…', gigabytes=20)")
    if not size > 0:
        raise ConfigError(f"cache: gigabytes is {size!r}; give a number above 0")
    return DiskCache(spec["folder"], size) if "folder" in spec else MemoryCache(size)
