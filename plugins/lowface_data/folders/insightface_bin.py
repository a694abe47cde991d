"""Verification sets as insightface packs them: one file of encoded pictures and of whether two show one person."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from lowface_core.data.dataset import Dataset
from lowface_core.data.depth import to_float
from lowface_core.data.images import read_pixels, resize_image
from lowface_core.data.plain_pickle import read_plain_pickle
from lowface_core.errors import DataError
from lowface_core.registry.bounds import Count


class InsightfaceBin(Dataset):
    """The pictures of a ``.bin`` file, such as ``lfw.bin`` or ``agedb_30.bin``: ``normal`` and ``key``, two a pair.

    Such a file is a pickle of two lists, the pictures' bytes and a boolean a pair. It is read by a reader that can
    build lists, tuples, bytes and booleans and nothing else, see :mod:`lowface_core.data.plain_pickle`; a file that
    holds more, such as one with numpy's arrays, is refused. ``lowface verify --pairs FILE.bin`` compares the pairs.

    Args:
        path: the file.
        size: pictures become size x size; None keeps theirs, 112x112 in the published files, faces aligned.
        limit: only the first so many pairs.

    Raises:
        DataError: the file cannot be read or holds something else.

    References:
        github.com/deepinsight/insightface, its documents on data sets and their evaluation.
    """

    names = ("normal", "key")

    def __init__(self, path: str | Path, size: Count | None = None, limit: Count | None = None) -> None:
        self.path, self.size = Path(path).expanduser(), size
        content = read_plain_pickle(self.path)
        good = isinstance(content, (tuple, list)) and len(content) == 2
        pictures, same = content if good else (None, None)
        if not (isinstance(pictures, (list, tuple)) and all(isinstance(one, bytes) for one in pictures)):
            raise DataError(f"{self.path}: is not two lists, one of pictures' bytes and one of booleans")
        if not (isinstance(same, (list, tuple)) and all(isinstance(one, bool) for one in same)):
            raise DataError(f"{self.path}: its second list does not hold booleans")
        if len(pictures) != 2 * len(same) or not same:
            raise DataError(f"{self.path}: holds {len(pictures)} pictures for {len(same)} pairs; it takes two each")
        #: Whether the two pictures of each pair show one person.
        self.same = np.array(same[:limit])
        self._pictures = list(pictures[: 2 * len(self.same)])

    def __len__(self) -> int:
        return len(self._pictures)

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        """``normal`` (3,H,W) in [0,1] and ``key``."""
        key = self.facts(index)["key"]
        picture = to_float(read_pixels(self.path / key, self._pictures[index]))
        return {"normal": picture if self.size is None else resize_image(picture, (self.size, self.size)), "key": key}

    def facts(self, index: int) -> dict[str, Any]:
        """``key``, such as ``00017_b``, the second picture of the pair numbered 17."""
        return {"key": f"{index // 2:05d}_{'ab'[index % 2]}"}

    def fingerprint(self) -> str:
        """A hash over the sizes in bytes of all pictures."""
        sizes = " ".join(str(len(one)) for one in self._pictures)
        return f"InsightfaceBin:{len(self)}:{self.size}:{hashlib.sha256(sizes.encode()).hexdigest()[:16]}"
