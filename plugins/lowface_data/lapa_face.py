"""Folders of face pictures in the layout of LaPa-Face, the data set that was released with Low-FaceNet."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from lowface_core.data.dataset import Dataset
from lowface_core.data.images import resize_image
from lowface_core.errors import ConfigError, DataError
from lowface_data.contrast_pairs import OtherIdentity
from lowface_data.layout import Entry, find_contrast, find_entries
from lowface_data.store import PictureStore, UnreadableError

logger = logging.getLogger("lowface")
Degradation = Callable[[np.ndarray, np.random.Generator], tuple[np.ndarray, dict[str, float]]]


class LapaFace(Dataset):
    """Face pictures with identities and, where present, low-light pictures, parsing maps and contrast pictures.

    Layout below ``root``: ``normal/<identity>_<n>.jpg`` (any picture ending; folders may lie between, such as one per
    identity), and optionally ``underexposed/`` and ``seg/`` with the same names, ``Contrast/high`` and ``Contrast/low``
    with any names, and ``split.json`` (split name → list of keys, a key being ``<identity>_<n>``). Samples are sorted
    by key, identities by name.

    Args:
        root: the folder that holds ``normal/``.
        split: name in ``split.json``; without that file every picture belongs to every split. None takes all pictures.
        size: pictures and maps become size x size (pictures antialiased, maps by nearest pixel); None keeps sizes.
        degradation: makes ``low`` from ``normal`` where there is no ``underexposed/``; applied at the final size.
        contrast: adds ``positive`` and ``negative``: a picture of ``Contrast/high`` and one of ``Contrast/low``, or
            without these the normal picture of a second identity and the low-light picture of a third or the same.
        limit: only the first so many keys.
        skip_unreadable: decode every file now and leave out samples with a broken one, with a warning that lists the
            files; otherwise a broken file is an error when it is read.
        gallery_size: side of the gallery pictures, where a detector needs more than training does; None: ``size``.
        cache: keep decoded pictures in memory, see :class:`lowface_data.store.PictureStore`.

    Items carry ``normal``, ``identity`` and ``key``; ``low`` given ``underexposed/`` or a degradation; ``labels`` given
    ``seg/``; ``positive`` and ``negative`` given ``contrast``. Shapes are those of the Dataset contract.

    Raises:
        ConfigError: an argument is out of range, or ``contrast`` lacks a source of low-light pictures.
        DataError: the files do not fit the layout.

    References:
        Fan et al., Low-FaceNet, IEEE TIM 73 (2024), and the layout of its released data.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        split: str | None = "train",
        size: int | None = None,
        degradation: Degradation | None = None,
        contrast: bool = False,
        limit: int | None = None,
        skip_unreadable: bool = False,
        gallery_size: int | None = None,
        cache: bool = True,
    ) -> None:
        for name, value in (("size", size), ("limit", limit), ("gallery_size", gallery_size)):
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise ConfigError(f"lapa_face: {name} is {value!r}; give a whole number above 0, or None")
        self.root = Path(root).expanduser()
        self.degradation = degradation
        self._store = PictureStore(size, cache)
        self._gallery_store = PictureStore(gallery_size, cache=False) if gallery_size else self._store
        self._entries = find_entries(self.root, split, limit)
        self._pools = find_contrast(self.root) if contrast else None
        if skip_unreadable:
            self._drop_unreadable()

        paired = self._entries[0].low is not None
        if paired and degradation is not None:
            logger.warning("%s: low-light pictures are read from underexposed/; the degradation is not used", self.root)
        has_low = paired or degradation is not None
        if contrast and not has_low and self._pools is None:
            raise ConfigError(
                f"lapa_face: contrast=True needs low-light pictures, and {self.root} has neither underexposed/ nor "
                "Contrast/; give a degradation, such as dict(type='linear')"
            )
        self.identities = tuple(sorted({entry.identity for entry in self._entries}))
        place = {identity: i for i, identity in enumerate(self.identities)}
        self._identity = [place[entry.identity] for entry in self._entries]
        self._other: OtherIdentity | None = None
        if contrast and self._pools is None:
            try:
                self._other = OtherIdentity(self._identity)
            except DataError as error:
                raise DataError(f"{self.root}: {error}") from None
        present = {
            "low": has_low,
            "positive": contrast,
            "negative": contrast,
            "labels": self._entries[0].labels is not None,
        }
        order = ("low", "normal", "positive", "negative", "labels", "identity", "key")
        self.names = tuple(name for name in order if present.get(name, True))

    def __len__(self) -> int:
        return len(self._entries)

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        """One sample, see :meth:`lowface_core.data.dataset.Dataset.item`; darkening is drawn first, then contrast."""
        entry = self._entries[index]
        normal = self._store.picture(entry.normal)
        sample: dict[str, Any] = {"normal": normal, "identity": self._identity[index], "key": entry.key}
        if "low" in self.names:
            sample["low"] = self._low(entry, rng, normal)
        if "labels" in self.names:
            sample["labels"] = self._labels(entry)
        if "positive" in self.names:
            # Without a common size the sample's own picture sets it: losses compare the three pixel by pixel.
            pair = self._contrast(index, rng)
            sample["positive"], sample["negative"] = (resize_image(image, normal.shape[1:]) for image in pair)
        return {name: sample[name] for name in self.names}

    def gallery(self) -> Iterator[dict[str, Any]]:
        """The first normal-light picture of each identity, by key, in the order of :attr:`identities`."""
        first: dict[int, Entry] = {}
        for identity, entry in zip(self._identity, self._entries, strict=True):
            first.setdefault(identity, entry)
        for identity in range(len(self.identities)):
            entry = first[identity]
            yield {"normal": self._gallery_store.picture(entry.normal), "identity": identity, "key": entry.key}

    def fingerprint(self) -> str:
        """Class, length and a hash over the names and sizes in bytes of all files used."""
        files = {path for entry in self._entries for path in entry.files()}
        for pool in self._pools or ():
            files.update(pool)
        digest = hashlib.sha256()
        for name, path in sorted((path.relative_to(self.root).as_posix(), path) for path in files):
            try:
                digest.update(f"{name}\t{path.stat().st_size}\n".encode())
            except OSError as error:
                raise DataError(f"{path}: {error.strerror}; it was there when the data set was opened") from error
        return f"{type(self).__name__}:{len(self)}:{digest.hexdigest()[:16]}"

    def _low(self, entry: Entry, rng: np.random.Generator, normal: np.ndarray | None = None) -> np.ndarray:
        if entry.low is not None:
            return self._store.picture(entry.low, like=entry.normal)
        assert self.degradation is not None  # names holds "low" only with one of the two
        normal = self._store.picture(entry.normal) if normal is None else normal
        return np.asarray(self.degradation(normal, rng)[0], dtype=np.float32)

    def _labels(self, entry: Entry) -> np.ndarray:
        assert entry.labels is not None
        return self._store.labels(entry.labels, like=entry.normal)

    def _contrast(self, index: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """A positive and a negative picture for sample ``index``, drawn independently of each other."""
        if self._pools is not None:
            positive, negative = (self._store.picture(pool[int(rng.integers(len(pool)))]) for pool in self._pools)
            return positive, negative
        assert self._other is not None
        positive = self._store.picture(self._entries[self._other(index, rng)].normal)
        return positive, self._low(self._entries[self._other(index, rng)], rng)

    def _drop_unreadable(self) -> None:
        faults: list[str] = []

        def readable(read: Callable[[Any], Any], what: Entry | Path) -> bool:
            try:
                read(what)
            except UnreadableError as error:
                faults.append(str(error))
                return False
            return True

        def check(entry: Entry) -> None:
            self._store.picture(entry.normal)
            if entry.low is not None:
                self._store.picture(entry.low, like=entry.normal)
            if entry.labels is not None:
                self._labels(entry)

        self._entries = [entry for entry in self._entries if readable(check, entry)]
        if self._pools is not None:
            high, low = ([path for path in pool if readable(self._store.picture, path)] for pool in self._pools)
            self._pools = high, low
        if not self._entries or not all(self._pools or (True,)):
            raise DataError(f"{self.root}: nothing is left without the unreadable files, the first being {faults[0]}")
        if faults:
            logger.warning("%s: %d samples left out: %s", self.root, len(faults), "; ".join(faults))
