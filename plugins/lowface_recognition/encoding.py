"""Encoding many pictures in several stages, which are made on the fly, the same whenever they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from lowface_core.data.keyed_rng import keyed_rng
from lowface_core.errors import LowfaceError
from lowface_core.inference import outputs_of
from lowface_recognition.photos import Photo

Degradation = Callable[[np.ndarray, np.random.Generator], tuple[np.ndarray, dict[str, float]]]


class Stages:
    """Makes pictures of the stages.

    With a degradation, the pictures given are normal-light ones and ``low`` is made from them, with noise that depends
    on seed and key alone; without, they are the low-light pictures themselves.

    Args:
        degradation: darkens, or None.
        enhancer: (B,3,H,W) → the same, or None: there is no stage ``enhanced``.
        seed: of the degradation's draws.
        device: where the enhancer runs.
    """

    def __init__(
        self, degradation: Degradation | None, enhancer: nn.Module | None, seed: int, device: torch.device
    ) -> None:
        self.degradation, self.enhancer, self.seed, self.device = degradation, enhancer, seed, device

    def of(self, photos: Sequence[Photo]) -> tuple[str, ...]:
        """The stages there are for these pictures."""
        normal = self.degradation is not None or all(photo.has_normal for photo in photos)
        return ("low", *(["enhanced"] if self.enhancer is not None else []), *(["normal"] if normal else []))

    def make(self, photos: Sequence[Photo], stages: Sequence[str]) -> dict[str, list[Tensor]]:
        """Pictures (3,H,W) float32 RGB in [0,1] of each of the stages; see :meth:`read` and :meth:`enhanced`."""
        read = [self.read(photo, stages) for photo in photos]
        return self.enhanced(
            {stage: [one[stage] for one in read] for stage in read[0]}, stages, [photo.key for photo in photos]
        )

    def read(self, photo: Photo, stages: Sequence[str]) -> dict[str, Tensor]:
        """A picture in those of the stages that are no enhancer's work.

        Raises:
            DataError: a file cannot be read.
        """
        pictures = photo.read()
        made = {}
        if "low" in stages:
            low = pictures["low"]
            if self.degradation is not None:
                low, _ = self.degradation(pictures["normal"], keyed_rng(self.seed, photo.key))
            made["low"] = low
        if "normal" in stages:
            partner = photo.partner if self.degradation is None else None
            made["normal"] = (partner.read() if partner is not None else pictures)["normal"]
        return {stage: torch.from_numpy(np.ascontiguousarray(made[stage], dtype=np.float32)) for stage in made}

    @torch.no_grad()
    def enhanced(
        self, made: dict[str, list[Tensor]], stages: Sequence[str], keys: Sequence[str]
    ) -> dict[str, list[Tensor]]:
        """Adds the stage ``enhanced`` to pictures that were read, where it is one of the stages; ``keys`` name them."""
        if "enhanced" in stages:
            assert self.enhancer is not None  # otherwise there is no such stage
            made["enhanced"] = list(made["low"])
            for places, pictures in by_size(made["low"]):
                names = [keys[place] for place in places]
                out = outputs_of(self.enhancer, pictures.to(self.device), names)["enhanced"].float().cpu()
                for place, picture in zip(places, out, strict=True):
                    made["enhanced"][place] = picture
        return made


def by_size(pictures: Sequence[Tensor]) -> Iterator[tuple[list[int], Tensor]]:
    """Pictures of one size together: their places and (B,3,H,W)."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for place, picture in enumerate(pictures):
        groups.setdefault(tuple(picture.shape), []).append(place)
    for places in groups.values():
        yield places, torch.stack([pictures[place] for place in places])


#: Pixels worked on at once, at most; a larger picture is worked on alone.
PIXELS = 2_000_000

#: (B,3,H,W) → embeddings (B,D), and (B,) bool, whether a face was found.
Recognise = Callable[[Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Job:
    """A picture and the stages in which it is encoded. ``gallery``: as the data set has it, whatever the stages."""

    photo: Photo
    stages: tuple[str, ...]
    gallery: bool = False


#: stage → ``embedding`` and ``found``, see :class:`Encoded`; the state to go on from.
Rows = dict[str, dict[str, Tensor]]


def keep(rows: Rows, stage: str, places: Sequence[int], embedding: Tensor, found: Tensor, count: int) -> None:
    """Puts embeddings into their rows of a stage, of which there are ``count``; those of no job stay zero."""
    own = rows.setdefault(stage, {"found": torch.zeros(count, dtype=torch.bool)})
    own.setdefault("embedding", torch.zeros(count, embedding.shape[1]))
    own["embedding"][places], own["found"][places] = embedding, found


@dataclass
class Encoded:
    """Embeddings of one stage.

    Attributes:
        embedding: (N,D) float32, a row per job; zero for a job without this stage, or without a face.
        found: (N,) bool, whether a face was found.
    """

    embedding: np.ndarray
    found: np.ndarray


def encoded(rows: Rows) -> dict[str, Encoded]:
    """All embeddings by stage."""
    return {stage: Encoded(row["embedding"].numpy(), row["found"].numpy()) for stage, row in rows.items()}


def parts(jobs: Sequence[Job], batch_size: int, start: int = 0) -> Iterator[range]:
    """Neighbours of the same stages, so many together at most: what is worked on, whoever does it.

    Where they end depends on the jobs alone; the first may begin later, at ``start``.
    """
    first = 0
    for place in range(1, len(jobs) + 1):
        job = jobs[first]
        whole = place - first == batch_size or place == len(jobs)
        if whole or (jobs[place].stages, jobs[place].gallery) != (job.stages, job.gallery):
            if place > start:
                yield range(max(first, start), place)
            first = place


class Encoder:
    """Embeddings of every job in each of its stages, batch by batch, in memory that the embeddings alone add to.

    Args:
        jobs: what is encoded.
        stages: makes the pictures.
        recognise: from pictures to embeddings.
        batch_size: neighbouring jobs of the same stages worked on at once, at most.
    """

    def __init__(self, jobs: Sequence[Job], stages: Stages, recognise: Recognise, batch_size: int) -> None:
        self.jobs, self.stages, self.recognise, self.batch_size = jobs, stages, recognise, batch_size
        self.rows: Rows = {}

    def batches(self, start: int = 0) -> Iterator[int]:
        """Encodes from job ``start`` on, the end of an earlier batch, and yields the number of jobs of each batch.

        Where batches end depends on the jobs alone, so that the same is computed with a break as without one.

        Raises:
            DataError: a picture cannot be read.
            LowfaceError: an embedding is not finite.
        """
        for part in parts(self.jobs, self.batch_size, start):
            waiting: list[dict[str, Tensor]] = []
            pixels = 0
            for place in part:
                pictures = self._read(self.jobs[place])
                size = next(iter(pictures.values()))[0].numel()
                if waiting and pixels + size > PIXELS:
                    yield self._encode(place - len(waiting), waiting)
                    waiting, pixels = [], 0
                waiting.append(pictures)
                pixels += size
            yield self._encode(part.stop - len(waiting), waiting)

    def _read(self, job: Job) -> dict[str, Tensor]:
        if job.gallery:
            return dict.fromkeys(job.stages, torch.from_numpy(job.photo.read()["normal"]))
        return self.stages.read(job.photo, job.stages)

    def _encode(self, first: int, read: Sequence[dict[str, Tensor]]) -> int:
        jobs = self.jobs[first : first + len(read)]
        pictures = {stage: [one[stage] for one in read] for stage in read[0]}
        made = self.stages.enhanced(pictures, jobs[0].stages, [job.photo.key for job in jobs])
        for stage, shown in made.items():
            for places, stacked in by_size(shown):
                self._keep(stage, [first + place for place in places], *self.recognise(stacked))
        return len(read)

    def _keep(self, stage: str, places: list[int], embedding: Tensor, found: Tensor) -> None:
        odd = found & ~embedding.isfinite().all(1)
        if odd.any():
            key = self.jobs[places[int(odd.int().argmax())]].photo.key
            raise LowfaceError(f"{key}: its embedding ({stage}) is not finite")
        keep(self.rows, stage, places, embedding, found, len(self.jobs))
