"""Pictures of people: samples of any data set that offers identities, folders among them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lowface_core.config.build import build_from
from lowface_core.data.dataset import Dataset
from lowface_core.data.normal_form import normal_form
from lowface_core.errors import DataError, listing, nearest
from lowface_core.evaluation.run import without_cache

#: How a folder is read, unless ``--data-options type=…`` names another data set.
FOLDER = {"type": "image_folder", "light": "normal"}


@dataclass(frozen=True)
class Photo:
    """A picture of a data set.

    Attributes:
        dataset, index: where it comes from.
        key: its name there; what is drawn for the picture depends on it.
        person: whom it shows.
        partner: the same picture in normal light, where another data set holds it.
        role: ``gallery`` or ``probe`` where the data set's protocol says, else empty.
    """

    dataset: Dataset
    index: int
    key: str
    person: str
    partner: Photo | None = None
    role: str = ""

    @property
    def has_normal(self) -> bool:
        """Whether it is a low-light picture of which the normal-light one is known."""
        return self.partner is not None or {"low", "normal"} <= set(self.dataset.names)

    def read(self) -> dict[str, np.ndarray]:
        """Float32 (3,H,W) RGB in [0,1], ``low`` and ``normal``; what the data set lacks is taken from the other.

        Raises:
            DataError: a file cannot be read.
        """
        item = self.dataset[self.index]
        own = {light: item[light] for light in ("low", "normal") if light in item}
        (other, *_) = own.values()
        return {light: own.get(light, other) for light in ("low", "normal")}


def open_photos(dataset: Any) -> list[Photo]:
    """The pictures of a data set, sorted by person and key.

    Raises:
        DataError: it does not say whom they show.
    """
    if "identity" not in dataset.names:
        raise DataError(f"--data: holds no identities, only {listing(dataset.names)}; use a data set that has some")
    facts = [dataset.facts(index) for index in range(len(dataset))]
    people = [normal_form(str(person)) for person in dataset.identities]
    photos = [
        Photo(dataset, i, normal_form(fact["key"]), people[fact["identity"]], role=fact.get("role", ""))
        for i, fact in enumerate(facts)
    ]
    return sorted(photos, key=lambda photo: (photo.person, photo.key))


def open_folder(folder: Path, options: Mapping[str, Any] | None = None) -> list[Photo]:
    """The pictures of a folder of people, ``<person>/<picture>.jpg`` or ``<person>_<n>.jpg``.

    ``--data-options`` are keywords of the data set, and its name as ``type``.

    Raises:
        LowfaceError: the folder is missing, empty or laid out otherwise, or an option is faulty.
    """
    spec = {**({**FOLDER, "people": True} if "type" not in (options or {}) else {}), "root": str(folder)}
    return open_photos(build_from("dataset", without_cache({**spec, **(options or {})}), "--data"))


def first_of_each(photos: Iterable[Photo]) -> tuple[list[Photo], list[Photo]]:
    """Gallery and probes out of one folder.

    As its protocol says, where it says so; else the first picture of each person, by key, and all others.
    """
    photos = list(photos)
    if any(photo.role == "gallery" for photo in photos):
        gallery, probes = ([photo for photo in photos if photo.role == role] for role in ("gallery", "probe"))
        return gallery, probes
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
    dataset = build_from("dataset", {**FOLDER, "root": str(folder), "cache": False}, "--normal")
    keys = [dataset.facts(index)["key"] for index in range(len(dataset))]
    partners = {key: Photo(dataset, index, key, "") for index, key in enumerate(keys)}
    missing = [photo.key for photo in photos if photo.key not in partners]
    if missing:
        more = f" nor for {len(missing) - 1} others" if len(missing) > 1 else ""
        raise DataError(f"{folder}: holds no picture for {missing[0]!r}{more}{nearest(missing[0], partners)}")
    return [replace(photo, partner=partners[photo.key]) for photo in photos]


def fingerprint(photos: Iterable[Photo]) -> str:
    """Number of pictures and a hash over keys, people and data sets; the same wherever the folders lie."""
    photos = list(photos)
    digest = hashlib.sha256("".join(f"{photo.key}\0{photo.person}\n" for photo in photos).encode())
    used = (one.dataset for photo in photos for one in (photo, photo.partner) if one is not None)
    for dataset in dict.fromkeys(used):
        digest.update(dataset.fingerprint().encode())
    return f"{len(photos)}:{digest.hexdigest()[:16]}"
