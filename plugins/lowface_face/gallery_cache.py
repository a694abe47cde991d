"""Encoded gallery pictures on disk, so that a second run with the same weights and pictures encodes none of them."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lowface_core.errors import LowfaceError
from lowface_core.files import write_whole
from lowface_core.weights.record import home

logger = logging.getLogger("lowface")

#: Raised when alignment or encoding changes what an embedding is, so that older files are left alone.
VERSION = 1


def settings_key(parts: Iterable[nn.Module | None], *settings: object) -> str:
    """What an embedding depends on besides the picture, as 16 hexadecimal digits.

    Args:
        parts: networks with their weights (encoder, detector). Their plain attributes (confidence, input size, …)
            count too, so a subclass need not know of this.
        settings: anything with a telling ``repr``.
    """
    digest = hashlib.sha256(repr((VERSION, settings)).encode())
    for part in parts:
        if part is None:
            digest.update(b"none")
            continue
        for name, module in part.named_modules():
            plain = {k: v for k, v in sorted(vars(module).items()) if _is_plain(k, v)}
            digest.update(f"{name} {type(module).__qualname__} {plain}".encode())
        for name, value in part.state_dict().items():
            digest.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
            digest.update(value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()[:16]


def _is_plain(name: str, value: Any) -> bool:
    if name.startswith("_") or name == "training":
        return False
    return isinstance(value, (bool, int, float, str, tuple, list, type(None)))


def picture_key(item: Mapping[str, Any]) -> str:
    """A gallery item's pixels, landmarks and box, as 32 hexadecimal digits."""
    digest = hashlib.sha256()
    for name in ("normal", "landmarks", "box"):
        value = item.get(name)
        if value is not None:
            array = np.ascontiguousarray(np.asarray(value), dtype=np.float32)
            digest.update(f"{name} {array.shape}".encode())
            digest.update(array.data)
    return digest.hexdigest()[:32]


class GalleryCache:
    """Embeddings of one gallery under one set of weights and settings, in a file below ``LOWFACE_HOME``.

    Args:
        settings: see :func:`settings_key`.
        data: the data set's fingerprint, so that each data set has a file of its own.
        dim: numbers of an embedding.

    Rows are known by their picture's content: where a picture changed, it alone is encoded again. A file that cannot be
    read or written costs time and nothing else.
    """

    def __init__(self, settings: str, data: str, dim: int) -> None:
        name = f"{settings}-{hashlib.sha256(data.encode()).hexdigest()[:16]}.safetensors"
        self.path: Path = home() / "cache" / "galleries" / name
        self._rows = self._read(dim)

    def _read(self, dim: int) -> dict[str, Tensor]:
        if not self.path.is_file():
            return {}
        from safetensors.torch import load_file

        try:
            rows = load_file(self.path)
        except Exception as error:  # safetensors raises types of its own
            logger.warning("%s: cannot be read (%s); the gallery is encoded again", self.path, error)
            return {}
        fit = {key: row for key, row in rows.items() if _is_embedding(row, dim)}
        if len(fit) < len(rows):
            lost = len(rows) - len(fit)
            logger.warning("%s: %d of %d rows are damaged and encoded again", self.path, lost, len(rows))
        return fit

    def get(self, key: str) -> Tensor | None:
        """The embedding (D,) kept for a picture, or None."""
        return self._rows.get(key)

    def keep(self, rows: Mapping[str, Tensor]) -> None:
        """Makes the file hold exactly these rows, whole or not at all; does nothing when it already does."""
        if rows.keys() == self._rows.keys():
            return
        from safetensors.torch import save_file

        kept = {key: row.detach().float().cpu().clone() for key, row in rows.items()}
        try:
            write_whole(self.path, lambda part: save_file(kept, part))
        except LowfaceError as error:
            logger.warning("%s; the next run encodes the gallery again", error)
            return
        self._rows = kept


def _is_embedding(row: Tensor, dim: int) -> bool:
    unit = row.dtype == torch.float32 and row.shape == (dim,)
    return unit and abs(float(row.norm()) - 1) < 1e-3  # not where it is NaN
