"""What identification and verification share: recogniser, enhancer, darkening, embeddings, and the result's frame."""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lowface_core.cluster import needs_gpu
from lowface_core.config.build import build_from, weights_faults
from lowface_core.device import pick
from lowface_core.errors import WeightsError
from lowface_core.inference import ResolvedEnhancer, resolve_enhancer
from lowface_core.runs.manifest import manifest
from lowface_core.runs.result_folder import ResultFolder
from lowface_core.runs.thumbnails import MOST, Thumbnails, spread
from lowface_recognition.bootstrap import DRAWS, LEVEL
from lowface_recognition.encoding import Encoded, Encoder, Job, Recognise, Stages, encoded
from lowface_recognition.judge import trained_through
from lowface_recognition.photos import Photo, fingerprint
from lowface_recognition.recogniser import Recogniser, described, face_config
from lowface_recognition.remembered import Remembered
from lowface_recognition.spread_encoder import SpreadEncoder


@dataclass(frozen=True)
class Settings:
    """Options that ``identify`` and ``verify`` share."""

    enhancer: str | None
    enhancer_options: Mapping[str, Any]
    degradation: Mapping[str, Any] | None
    data_options: Mapping[str, Any]
    config: str
    cfg_options: tuple[str, ...]
    title: str | None
    device: str
    seed: int
    batch_size: int
    work_dir: str | None
    overwrite: bool
    aligned: bool = False
    ray: str | None = None


def make_stages(settings: Settings, device: torch.device) -> tuple[Stages, ResolvedEnhancer | None]:
    """What makes the pictures that settings mean, and the enhancer therein.

    Raises:
        LowfaceError: degradation or enhancer is unknown or faulty.
    """
    degradation, enhancer = settings.degradation, None
    darken = build_from("degradation", degradation, "--degradation") if degradation is not None else None
    if settings.enhancer is not None:
        enhancer = resolve_enhancer(settings.enhancer, settings.enhancer_options, settings.device)
    return Stages(darken, enhancer.network if enhancer else None, settings.seed, device), enhancer


def load_encoder(settings: Settings, spec: Mapping[str, Any]) -> Callable[[Sequence[Job]], Encoder]:
    """In a worker: builds enhancer and recogniser once, and gives encoders of jobs."""
    device = pick(settings.device)
    (stages, _), recognise = make_stages(settings, device), Recogniser(spec, device)
    return lambda jobs: Encoder(jobs, stages, recognise, settings.batch_size)


class Recognition(abc.ABC):
    """A :class:`lowface_core.evaluation.measurement.Measurement` of faces in the stages low, enhanced and normal.

    A subclass sets :attr:`command`, :attr:`kind` and :attr:`shown`, says what is encoded, and compares the embeddings.

    Args:
        settings: of the command.
        photos: all pictures.
        probes: those that go through the stages.
        folders: where they come from, for the manifest.

    Raises:
        LowfaceError: anything the settings name is unknown or faulty.
    """

    command: str
    kind: str
    #: Of a line's numbers the one that galleries show.
    shown: str
    label = "recognising"
    _encoder: Encoder | SpreadEncoder
    #: Folder of embeddings that several measurements share, see :class:`Remembered`; None: each makes its own.
    remember: Path | None = None

    def __init__(
        self, settings: Settings, photos: Sequence[Photo], probes: Sequence[Photo], folders: Mapping[str, Path | None]
    ) -> None:
        self.settings, self.folders, self.seed = settings, folders, settings.seed
        self.device = pick(settings.device)
        self._spec = self.spec_of(settings)
        if faults := weights_faults({"heads": {"face": self._spec}}):
            raise WeightsError("\n".join(faults))
        self.recogniser = described(self._spec)
        self.stages, enhancer = make_stages(settings, self.device)
        self._enhancer = enhancer and enhancer.identity
        self._trained_through = trained_through(settings.enhancer, self.recogniser)
        words = [f"{key}={value}" for key, value in settings.enhancer_options.items()]
        self.title = settings.title or (" ".join([enhancer.title, *words]) if enhancer else "no enhancement")
        #: Names of the stages of these pictures.
        self.names = self.stages.of(probes)
        self.data = fingerprint(photos)
        self.jobs = self.plan()
        self.total = len(self.jobs)

    def spec_of(self, settings: Settings) -> dict[str, Any]:
        """The config of the head that judges."""
        return face_config(settings.config, settings.cfg_options, settings.aligned)

    @abc.abstractmethod
    def plan(self) -> list[Job]:
        """What is encoded in which stages."""

    @abc.abstractmethod
    def compare(self, encoded: Mapping[str, Encoded]) -> Mapping[str, tuple[np.ndarray, np.ndarray]]:
        """Compares the embeddings; stage → whether each line's answer is right, and whether its faces were found."""

    @abc.abstractmethod
    def line(self, index: int) -> dict[str, Any]:
        """A line of ``pictures.jsonl``: ``key``, and per stage numbers, ``found`` among them."""

    @abc.abstractmethod
    def example(self, index: int, line: Mapping[str, Any]) -> tuple[Photo, str]:
        """The picture that stands for a line in galleries, and what happened in words."""

    @abc.abstractmethod
    def rules(self) -> dict[str, Any]:
        """What the figures mean, for the result's protocol."""

    @abc.abstractmethod
    def figures(self, gained: Sequence[int], lost: Sequence[int]) -> dict[str, Any]:
        """The result's figures; ``gained`` lines are right enhanced and not low, ``lost`` ones the other way round."""

    def request(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "kind": self.kind,
            "data": self.data,
            "stages": list(self.names),
            "recogniser": self.recogniser,
            "protocol": self.protocol(),
            "batch_size": self.settings.batch_size,
            "device": str(self.device),
        }

    def protocol(self) -> dict[str, Any]:
        """How the pictures were made and the intervals computed, for a result."""
        return {
            "degradation": self.settings.degradation,
            "enhancer": self._enhancer,
            "seed": self.seed,
            "bootstrap": {"over": "people", "draws": DRAWS, "level": LEVEL},
        }

    def manifest(self) -> dict[str, Any]:
        facts = manifest({"seed": self.seed, "heads": {"face": self._spec}}, {}, self.device)
        folders = {name: str(folder) for name, folder in self.folders.items() if folder is not None}
        return {**facts, "data": folders, "enhancer": self.settings.enhancer}

    def prepare(self) -> None:
        if self.settings.ray is not None:
            load = partial(load_encoder, self.settings, self._spec)
            gpu = needs_gpu(self.settings.device)
            self._encoder = SpreadEncoder(self.jobs, load, self.settings.batch_size, self.settings.ray, gpu)
            return
        recognise: Recognise = Recogniser(self._spec, self.device)
        if self.remember is not None:
            recognise = Remembered(recognise, self.recogniser, self.remember)
        self._encoder = Encoder(self.jobs, self.stages, recognise, self.settings.batch_size)

    def stateless(self) -> tuple[str, ...]:
        return ()

    def state(self) -> dict[str, dict[str, Tensor]]:
        return self._encoder.rows

    def load_state(self, state: Mapping[str, Any]) -> None:
        self._encoder.rows = dict(state)

    def batches(self, start: int, folder: ResultFolder) -> Iterator[int]:
        return self._encoder.batches(start)

    def encoded(self) -> Mapping[str, Encoded]:
        """All embeddings by stage, once all batches are done."""
        return encoded(self._encoder.rows)

    def result(self, folder: ResultFolder) -> dict[str, Any]:
        answers = self.compare(self.encoded())
        right, found = answers["enhanced" if "enhanced" in self.names else "low"]
        before, _ = answers["low"]
        for index in range(len(right)):
            folder.line(self.line(index))
        gained, lost = np.flatnonzero(right & ~before).tolist(), np.flatnonzero(before & ~right).tolist()
        undetected = np.flatnonzero(~found).tolist()
        samples = sorted(spread(len(right)))
        groups = {"sample": samples, "gained": gained, "lost": lost, "undetected": undetected}
        for group, lines in groups.items():
            for index in lines[:MOST]:
                self._show(folder.thumbnails, group, index)
        return {
            "kind": self.kind,
            "data": self.data,
            "recogniser": self.recogniser,
            "trained_through": self._trained_through,
            "protocol": {**self.protocol(), **self.rules()},
            **self.figures(gained, lost),
        }

    def _show(self, thumbnails: Thumbnails, group: str, index: int) -> None:
        """Makes one of the few pictures that are shown once more, and offers it."""
        line = self.line(index)
        photo, note = self.example(index, line)
        made = self.stages.make([photo], self.names)
        pictures = {stage: made[stage][0] for stage in self.names}
        numbers = {f"{self.shown} {stage}": line[stage][self.shown] for stage in self.names}
        thumbnails.offer(group, line["key"], pictures, numbers, note)
