"""Encoding many pictures in several stages: batched by size, saved as it goes, constant memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lowface_core.data.images import read_image, upright_size
from lowface_core.errors import LowfaceError
from lowface_core.progress import counted
from lowface_core.runs.result_folder import ResultFolder
from lowface_recognition.photos import Photo
from lowface_recognition.recogniser import Recogniser
from lowface_recognition.stages import Stages, by_size

#: Pixels worked on at once, at most; a larger picture is worked on alone.
PIXELS = 2_000_000


@dataclass(frozen=True)
class Job:
    """A picture and the stages in which it is encoded. ``gallery``: the file is read as it is, whatever the stages."""

    photo: Photo
    stages: tuple[str, ...]
    gallery: bool = False


@dataclass
class Encoded:
    """Embeddings of one stage.

    Attributes:
        embedding: (N,D) float32, a row per job; zero for a job without this stage, or without a face.
        found: (N,) bool, whether a face was found.
    """

    embedding: np.ndarray
    found: np.ndarray


def batches(jobs: Sequence[Job], batch_size: int) -> list[list[int]]:
    """Indices of jobs that are worked on together: of one size and the same stages. Depends on nothing else."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    for index, job in enumerate(jobs):
        groups.setdefault((upright_size(job.photo.path) or (0, 0), job.stages, job.gallery), []).append(index)
    out = []
    for (size, *_), places in groups.items():
        count = max(1, min(batch_size, PIXELS // max(size[0] * size[1], 1)))
        out += [places[start : start + count] for start in range(0, len(places), count)]
    return out


def encode(
    jobs: Sequence[Job],
    stages: Stages,
    recogniser: Recogniser,
    folder: ResultFolder,
    batch_size: int,
    label: str = "recognising",
) -> dict[str, Encoded]:
    """Embeddings of every job in each of its stages.

    Batches are fixed beforehand, so a command that was killed and started again computes what it would have computed.

    Args:
        jobs: pictures; no two of them are encoded together with others than planned.
        folder: saves what is done; continues what it saved before.
        batch_size: pictures at once, at most.

    Raises:
        DataError: a picture cannot be read.
        LowfaceError: an embedding is not finite.
    """
    plan = batches(jobs, batch_size)
    saved = folder.state() or {"done": 0, "rows": {}}
    rows: dict[str, dict[str, Tensor]] = saved["rows"]
    with counted(label, len(jobs)) as advance:
        advance(sum(len(places) for places in plan[: saved["done"]]))
        for number in range(saved["done"], len(plan)):
            places = plan[number]
            for stage, pictures in _pictures([jobs[place] for place in places], stages).items():
                _keep(rows, stage, places, *_recognise(pictures, recogniser), jobs)
            advance(len(places))
            if folder.due():
                folder.save({"done": number + 1, "rows": rows})
    return {stage: Encoded(kept["embedding"].numpy(), kept["found"].numpy()) for stage, kept in rows.items()}


def _pictures(jobs: Sequence[Job], stages: Stages) -> dict[str, list[Tensor]]:
    photos = [job.photo for job in jobs]
    if jobs[0].gallery:
        plain = [torch.from_numpy(read_image(photo.path)) for photo in photos]
        return dict.fromkeys(jobs[0].stages, plain)
    return stages.make(photos, jobs[0].stages)


def _recognise(
    pictures: Sequence[Tensor], recogniser: Callable[[Tensor], tuple[Tensor, Tensor]]
) -> tuple[Tensor, Tensor]:
    """Embeddings and finds of pictures that may differ in size."""
    found = torch.zeros(len(pictures), dtype=torch.bool)
    parts: list[tuple[list[int], Tensor]] = []
    for places in by_size(pictures):
        embedding, seen = recogniser(torch.stack([pictures[place] for place in places]))
        found[places] = seen
        parts.append((places, embedding))
    rows = torch.zeros(len(pictures), parts[0][1].shape[1])
    for places, embedding in parts:
        rows[places] = embedding
    return rows, found


def _keep(
    rows: dict[str, dict[str, Tensor]],
    stage: str,
    places: list[int],
    embedding: Tensor,
    found: Tensor,
    jobs: Sequence[Job],
) -> None:
    if not embedding[found].isfinite().all():
        odd = next(i for i in range(len(places)) if found[i] and not embedding[i].isfinite().all())
        raise LowfaceError(f"{jobs[places[odd]].photo.path}: its embedding ({stage}) is not finite")
    if stage not in rows:
        count = len(jobs)
        rows[stage] = {
            "embedding": torch.zeros(count, embedding.shape[1]),
            "found": torch.zeros(count, dtype=torch.bool),
        }
    rows[stage]["embedding"][places], rows[stage]["found"][places] = embedding, found
