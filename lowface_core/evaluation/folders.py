"""Pictures that somebody else enhanced, beside their references: folders paired by file name."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lowface_core.data.dataset import Dataset
from lowface_core.data.images import images_by_key, read_image, upright_size
from lowface_core.errors import DataError

SHOWN = 10


class Folders(Dataset):
    """Pictures of one folder, with those of the same name in further folders; endings may differ, subfolders count.

    Nothing is resized: a picture and its reference must be of one size.

    Args:
        enhanced: folder of the pictures to judge.
        normal: folder of their references, or None.
        low: folder of the low-light pictures they were made from, or None.

    Raises:
        DataError: a folder is missing or empty, the folders do not hold the same names (which are listed), two files
            of a folder share a name, or sizes differ.
    """

    def __init__(
        self,
        enhanced: str | os.PathLike[str],
        normal: str | os.PathLike[str] | None = None,
        low: str | os.PathLike[str] | None = None,
    ) -> None:
        given = {"low": low, "enhanced": enhanced, "normal": normal}
        self.roots = {stage: Path(folder).expanduser() for stage, folder in given.items() if folder is not None}
        self._files = {stage: images_by_key(root) for stage, root in self.roots.items()}
        self.names = (*self.roots, "key")
        self._check_names()
        self._keys = list(self._files["enhanced"])
        for key in self._keys:
            self._check_size(key, {stage: upright_size(files[key]) for stage, files in self._files.items()})

    def _check_names(self) -> None:
        faults = []
        for stage, files in self._files.items():
            if not files:
                raise DataError(f"{self.roots[stage]}: holds no pictures")
            for there, here in (("enhanced", stage), (stage, "enhanced")):
                lacking = [key for key in self._files[there] if key not in self._files[here]]
                if lacking:
                    count = f"{len(lacking)} picture" + ("s" if len(lacking) > 1 else "")
                    roots = self.roots[here], self.roots[there]
                    faults.append(f"{roots[0]}: lacks {count} that {roots[1]} has: {first_few(lacking)}")
        if faults:
            raise DataError("\n".join(faults))

    def _check_size(self, key: str, sizes: Mapping[str, tuple[int, int] | None]) -> None:
        own = sizes["enhanced"]
        for stage, size in sizes.items():
            if own is not None and size is not None and size != own:
                one, other = self._files["enhanced"][key], self._files[stage][key]
                raise DataError(
                    f"{one}: has {own[1]}x{own[0]} pixels and {other} {size[1]}x{size[0]}; a picture and its reference "
                    "must be of one size"
                )

    def __len__(self) -> int:
        return len(self._keys)

    def item(self, index: int, rng: np.random.Generator) -> dict[str, Any]:
        """Pictures by stage, (3,H,W) RGB in [0,1], and ``key``, the name without ending."""
        key = self._keys[index]
        pictures = {stage: read_image(files[key]) for stage, files in self._files.items()}
        self._check_size(key, {stage: (p.shape[1], p.shape[2]) for stage, p in pictures.items()})
        return {**pictures, "key": key}

    def fingerprint(self) -> str:
        """What the pictures are compared with: names and sizes in bytes of references and low-light pictures.

        The enhanced pictures count by their names alone, so that results of several methods share their data.
        """
        digest = hashlib.sha256("\n".join(self._keys).encode())
        for stage in ("low", "normal"):
            for key, path in self._files.get(stage, {}).items():
                digest.update(f"{stage}\t{key}\t{path.stat().st_size}\n".encode())
        return f"folders:{len(self)}:{digest.hexdigest()[:16]}"

    def version(self) -> str:
        """Changes when the enhanced pictures do: names, sizes in bytes and times of change."""
        digest = hashlib.sha256()
        for key, path in self._files["enhanced"].items():
            facts = path.stat()
            digest.update(f"{key}{path.suffix}\t{facts.st_size}\t{facts.st_mtime_ns}\n".encode())
        return digest.hexdigest()[:16]


def first_few(names: Sequence[str]) -> str:
    """The first ten names, and how many more there are."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")
