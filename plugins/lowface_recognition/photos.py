"""Finding pictures and the people they show, in folders as face data sets come."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lowface_core.data.images import list_images
from lowface_core.errors import DataError, nearest


@dataclass(frozen=True)
class Photo:
    """A picture file.

    Attributes:
        key: path inside its folder, without the ending.
        path: the file.
        person: whom it shows.
        normal: the same picture in normal light, if it is a low-light one and that one is known.
    """

    key: str
    path: Path
    person: str
    normal: Path | None = None


def scan(folder: Path) -> list[Photo]:
    """Pictures of a folder, sorted by person and key.

    A picture in a sub-folder shows the person that the sub-folder is called after; one directly in the folder the
    person that its name begins with, up to the last underscore (``<person>_<n>.jpg``).

    Raises:
        DataError: the folder is missing, empty or laid out otherwise, or two pictures differ in their ending alone.
    """
    found: dict[str, Photo] = {}
    for path in list_images(folder, recursive=True):
        inside = path.relative_to(folder)
        key = inside.with_suffix("").as_posix()
        if key in found:
            raise DataError(f"{path}: {found[key].path.name} is there too; keep one of the two")
        found[key] = Photo(key, path, person_of(inside, folder))
    if not found:
        raise DataError(f"{folder}: holds no pictures; the layout is <person>/<picture>.jpg or <person>_<n>.jpg")
    return sorted(found.values(), key=lambda photo: (photo.person, photo.key))


def person_of(inside: Path, folder: Path) -> str:
    """The person that a path relative to ``folder`` names.

    Raises:
        DataError: it names nobody.
    """
    if len(inside.parts) == 2:
        return inside.parts[0]
    person = inside.stem.rpartition("_")[0] if len(inside.parts) == 1 else ""
    if not person:
        layout = "<person>/<picture>.jpg or <person>_<n>.jpg"
        raise DataError(f"{folder / inside}: does not say whom it shows; use {layout}")
    return person


def first_of_each(photos: Iterable[Photo]) -> tuple[list[Photo], list[Photo]]:
    """Gallery and probes out of one folder: the first picture of each person, by key, and all others."""
    first: dict[str, Photo] = {}
    others = []
    for photo in photos:
        if first.setdefault(photo.person, photo) is not photo:
            others.append(photo)
    return list(first.values()), others


def check_enrolled(gallery: Sequence[Photo], probes: Sequence[Photo], where: Path) -> None:
    """Checks that every probe's person is in the gallery.

    Raises:
        DataError: one line that names the first who is not.
    """
    people = {photo.person for photo in gallery}
    missing = sorted({photo.person for photo in probes} - people)
    if missing:
        more = f" (nor have {len(missing) - 1} others)" if len(missing) > 1 else ""
        raise DataError(
            f"{where}: {missing[0]!r} has no picture in the gallery{more}{nearest(missing[0], people)}; "
            "add one, or take the probes away"
        )


def with_normal(photos: Sequence[Photo], folder: Path) -> list[Photo]:
    """The same low-light pictures, each with its normal-light partner of the same key in ``folder``.

    Raises:
        DataError: some have none; the message names the first.
    """
    partners = {path.relative_to(folder).with_suffix("").as_posix(): path for path in list_images(folder, True)}
    missing = [photo.key for photo in photos if photo.key not in partners]
    if missing:
        more = f" nor for {len(missing) - 1} others" if len(missing) > 1 else ""
        raise DataError(f"{folder}: holds no picture for {missing[0]!r}{more}{nearest(missing[0], partners)}")
    return [replace(photo, normal=partners[photo.key]) for photo in photos]


def fingerprint(photos: Iterable[Photo]) -> str:
    """Number of pictures and a hash over keys, people and sizes in bytes; the same wherever the folders lie."""
    digest, count = hashlib.sha256(), 0
    for photo in photos:
        count += 1
        sizes = [file.stat().st_size for file in (photo.path, photo.normal) if file is not None]
        digest.update(f"{photo.key}\0{photo.person}\0{sizes}\n".encode())
    return f"{count}:{digest.hexdigest()[:16]}"
