"""Which files of a folder are pictures."""

from __future__ import annotations

import functools
import logging
import os
from collections import Counter
from pathlib import Path

from lowface_core.data.decoding import os_reason
from lowface_core.data.normal_form import by_name, normal_form
from lowface_core.data.optional_kinds import extra_of, is_read
from lowface_core.errors import DataError

logger = logging.getLogger("lowface")

#: Lower-case endings that count as pictures, read and written; any mix of case is accepted. Those that only optional
#: packages read (:func:`lowface_core.data.optional_kinds.is_read`) count where these are installed.
IMAGE_SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")

#: Endings of pictures that are not read, or not without an optional package.
UNREAD_SUFFIXES = (".avif", ".exr", ".gif", ".hdr", ".heic", ".heif", ".jfif", ".jp2", ".jpe", ".jxl", ".pbm", ".pgm",
    ".pnm", ".psd", ".svg", ".tga", ".arw", ".cr2", ".cr3", ".dng", ".nef", ".orf", ".raf", ".raw", ".rw2")  # fmt: skip

#: Folders that hold no pictures of their own, besides hidden ones: Synology's and macOS's attributes and thumbnails.
NOT_PICTURES = ("@eaDir", "__MACOSX")


def list_images(folder: str | os.PathLike[str], recursive: bool = False) -> list[Path]:
    """Picture files of a folder by their ending, sorted by name.

    Left out are hidden files (name starts with a dot) and the folders in which systems keep thumbnails and attributes
    (:data:`NOT_PICTURES`). Pictures of kinds that are not read are counted in one warning a folder and process.

    Args:
        recursive: also those in folders below, sorted by their path relative to ``folder``.

    Raises:
        DataError: the folder is missing or cannot be listed. An empty folder gives an empty list.
    """
    folder = Path(folder)

    def refuse(error: OSError) -> None:
        raise DataError(f"{error.filename or folder}: {os_reason(error, 'folder')}") from error

    found: list[Path] = []
    unread: Counter[str] = Counter()
    seen: set[tuple[int, int]] = set()  # a folder is entered once, however many links lead to it: links may form loops
    for parent, children, names in os.walk(folder, onerror=refuse, followlinks=True):
        facts = os.stat(parent)
        if (facts.st_dev, facts.st_ino) in seen:
            children.clear()
            continue
        seen.add((facts.st_dev, facts.st_ino))
        children[:] = sorted(c for c in children if recursive and not c.startswith(".") and c not in NOT_PICTURES)
        for name in (name for name in names if not name.startswith(".")):
            suffix = Path(name).suffix.lower()
            if suffix in IMAGE_SUFFIXES or is_read(suffix):
                found.append(Path(parent, name))
            elif suffix in UNREAD_SUFFIXES:
                unread[suffix] += 1
    if unread:
        extras = sorted({extra for suffix in unread if (extra := extra_of(suffix)) is not None})
        cure = f', or pip install "lowface[{",".join(extras)}]"' if extras else ""
        _warn_of_unread(folder, ", ".join(f"{count} {suffix}" for suffix, count in sorted(unread.items())), cure)
    pairs = ((path.relative_to(folder).as_posix(), path) for path in found)
    return [path for *_, path in sorted((normal_form(name), name, path) for name, path in pairs)]


def images_by_key(folder: Path) -> dict[str, Path]:
    """Picture files of a folder and of those below by their path without ending, in its normal form, sorted.

    Raises:
        DataError: as :func:`list_images`; or two differ in their ending or the spelling of accents alone.
    """
    return by_name(
        list_images(folder, recursive=True), lambda path: path.relative_to(folder).with_suffix("").as_posix()
    )


@functools.cache
def _warn_of_unread(folder: Path, counts: str, cure: str) -> None:
    logger.warning(
        "%s: passes over pictures that are not read (%s); convert them, e.g. to .png%s", folder, counts, cure
    )
