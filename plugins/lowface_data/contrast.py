"""Contrast pictures: from two folders that have nothing to do with each other, or from other identities."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lowface_core.data.dataset import Dataset
from lowface_core.data.images import list_images
from lowface_core.data.keyed_rng import keyed_rng
from lowface_core.data.normal_form import by_name, normal_form
from lowface_core.errors import DataError
from lowface_core.progress import tracked
from lowface_core.registry.bounds import Count, Natural
from lowface_data.folders.picture_store import PictureStore, UnreadableError


class Contrast(Dataset):
    """Normal-light pictures (``positive``) and low-light pictures (``negative``), unpaired; ``key`` names the two.

    Each folder is drawn without replacement: all its pictures come once, in an order shuffled by ``seed``, before any
    comes a second time, in a new order. What a sample gets follows from its position in the run alone, so any number
    of loader workers and of processes shares the pictures out without repeating one.

    Use it as a data set of its own, or as ``contrast_from=`` of another, which then carries its two names.

    Args:
        high: folder of normal-light pictures; subfolders count.
        low: folder of low-light pictures.
        size: pictures become size x size; None keeps sizes.
        seed: of the two orders.
        cache: where decoded pictures are kept, see :func:`lowface_data.cache.make_cache`.

    Raises:
        DataError: a folder is missing or holds no pictures.
    """

    names = ("positive", "negative", "key")

    def __init__(
        self,
        high: str | os.PathLike[str],
        low: str | os.PathLike[str],
        size: Count | None = None,
        seed: Natural = 0,
        cache: bool | Mapping[str, Any] = True,
    ) -> None:
        self.seed = seed
        self.store = PictureStore(size, cache)
        self.folders = Path(high).expanduser(), Path(low).expanduser()
        self.pools: tuple[list[Path], ...] = tuple(_pictures(folder) for folder in self.folders)
        self._orders: dict[int, tuple[int, np.ndarray]] = {}

    def __len__(self) -> int:
        """The larger folder's number of pictures."""
        return max(map(len, self.pools))

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        """The pair at position ``index``; nothing is drawn from ``rng``."""
        return self.draw(index, rng, index)

    def draw(self, index: int, rng: np.random.Generator, position: int) -> dict[str, Any]:
        """The pair at a position in the run, float32 (3,H,W) each; see the class."""
        positive, negative = (self._path(side, position) for side in (0, 1))
        return {
            "positive": self.store.picture(positive),
            "negative": self.store.picture(negative),
            "key": normal_form(f"{positive.stem}+{negative.stem}"),
        }

    def drop_unreadable(self) -> list[str]:
        """Decodes every picture, leaves out the broken ones and returns a line for each."""
        faults: list[str] = []
        for pool in self.pools:
            for path in tracked(list(pool), "looking for unreadable files"):
                try:
                    self.store.picture(path)
                except UnreadableError as error:
                    faults.append(str(error))
                    pool.remove(path)
        if not all(self.pools):
            raise DataError(
                f"{self.folders[0].parent}: nothing is left without the unreadable files, the first being {faults[0]}"
            )
        return faults

    def files(self) -> list[Path]:
        return [path for pool in self.pools for path in pool]

    def fingerprint(self) -> str:
        """Class, length, seed and a hash over the names and sizes in bytes of all files."""
        return f"{type(self).__name__}:{len(self)}:{self.seed}:{hash_of(self.files(), self.folders[0].parent)}"

    def _path(self, side: int, position: int) -> Path:
        pool = self.pools[side]
        turn, place = divmod(position, len(pool))
        if self._orders.get(side, (-1,))[0] != turn:
            order = keyed_rng(self.seed, side, turn).permutation(len(pool))
            self._orders[side] = turn, order
        return pool[int(self._orders[side][1][place])]


class OtherIdentity:
    """Draws samples of any identity but one's own, every such sample equally likely.

    Args:
        identities: identity index of each sample.
        root: where the data lie, for messages.

    Raises:
        DataError: there is only one identity, so that no other can be drawn.
    """

    def __init__(self, identities: Sequence[int] | np.ndarray, root: Path) -> None:
        identities = np.asarray(identities)
        # Sorted by identity, each one's samples are a stretch; a draw skips that stretch, without trial and error.
        self._order = np.argsort(identities, kind="stable")
        ranked = identities[self._order]
        self._first = np.searchsorted(ranked, identities, side="left")
        self._count = np.searchsorted(ranked, identities, side="right") - self._first
        if not len(identities) or self._count.max() == len(identities):
            raise DataError(
                f"{root}: contrast pictures come from another identity, and there is only one; add a second"
            )

    def __call__(self, index: int, rng: np.random.Generator) -> int:
        """Index of a sample whose identity is not that of sample ``index``; one number is drawn from ``rng``."""
        place = int(rng.integers(len(self._order) - self._count[index]))
        if place >= self._first[index]:
            place += int(self._count[index])
        return int(self._order[place])


def hash_of(files: Sequence[Path], root: Path) -> str:
    """Sixteen hexadecimal digits that change with the names or sizes in bytes of the files.

    Raises:
        DataError: a file has gone.
    """
    digest = hashlib.sha256()
    named = ((normal_form(os.path.relpath(path, root).replace(os.sep, "/")), path) for path in files)
    for name, path in sorted(named):
        try:
            digest.update(f"{name}\t{path.stat().st_size}\n".encode())
        except OSError as error:
            raise DataError(f"{path}: {error.strerror}; it was there when the data set was opened") from error
    return digest.hexdigest()[:16]


def _pictures(folder: Path) -> list[Path]:
    found = by_name(list_images(folder, recursive=True), lambda path: path.relative_to(folder).as_posix())
    pictures = list(found.values())
    if not pictures:
        raise DataError(f"{folder}: holds no pictures; contrast pictures come from there")
    return pictures
