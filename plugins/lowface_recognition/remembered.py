"""Embeddings kept on disk, so that several measurements of the same pictures ask the recogniser once."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lowface_core.errors import LowfaceError
from lowface_core.files import write_whole
from lowface_core.weights.state_dict import read_file
from lowface_recognition.encoding import Recognise

logger = logging.getLogger("lowface")


class Remembered:
    """A recogniser whose answers are files of a folder; asked again, it reads them back.

    A batch is known by its pixels, shape and recogniser. Batches, not pictures, are remembered: how many pictures go
    through a network together changes the last bits of what comes out, and what is read back must be what is computed.

    Args:
        recognise: asked where nothing is known.
        described: what the recogniser is, as a result says it, see :func:`lowface_recognition.recogniser.described`.
        folder: of the answers; made when needed. Several processes may use it at once.
    """

    def __init__(self, recognise: Recognise, described: Mapping[str, Any], folder: Path) -> None:
        self.recognise, self.folder = recognise, folder
        self._recogniser = json.dumps(described, sort_keys=True, default=str)

    def __call__(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """See :data:`lowface_recognition.encoding.Recognise`."""
        digest = hashlib.sha256(f"{self._recogniser}{tuple(pictures.shape)}".encode())
        digest.update(pictures.contiguous().numpy().tobytes())
        file = self.folder / f"{digest.hexdigest()[:32]}.pth"
        if (kept := _kept(file, len(pictures))) is not None:
            return kept
        embedding, found = self.recognise(pictures)
        try:
            write_whole(file, lambda part: torch.save({"embedding": embedding, "found": found}, part))
        except LowfaceError as error:
            logger.warning("%s; the next measurement asks the recogniser again", error)
        return embedding, found


def _kept(file: Path, count: int) -> tuple[Tensor, Tensor] | None:
    """What a file holds of so many pictures; None where it is missing, damaged or something else."""
    try:
        held = read_file(file)
    except LowfaceError:
        return None
    embedding, found = (held.get(name) if isinstance(held, Mapping) else None for name in ("embedding", "found"))
    if not isinstance(embedding, Tensor) or not isinstance(found, Tensor) or found.dtype != torch.bool:
        return None
    fits = embedding.ndim == 2 and embedding.is_floating_point() and len(embedding) == count == found.numel()
    return (embedding, found) if fits and bool(embedding.isfinite().all()) else None
