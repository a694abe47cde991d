"""Inputs on which the campaign's commands work, made once; and how each command ends when nobody disturbs it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from trials.jobs import JOBS, Job
from trials.process import Place, Said, import_modules
from trials.verdict import content

FACES: dict[str, Any] = {
    "type": "rendered_faces",
    "size": 32,
    "identities": 4,
    "pictures": 2,
    "degradation": {"type": "linear", "low": 0.1, "high": 0.3},
}
TINY: dict[str, Any] = {
    "enhancer": {"type": "retinex", "channels": 4, "illumination_channels": 1, "init": "he"},
    "losses": {
        "brightness_cr": {"type": "brightness_cr", "weight": 1.0, "eps": 0.05},
        "color": {"type": "color", "weight": 0.5},
        "smoothness": {"type": "smoothness", "weight": 0.05},
    },
    "train_dataset": {**FACES, "contrast": True},
    "val_dataset": {**FACES, "first_identity": 100, "identities": 2, "pictures": 1},
    "test_dataset": {**FACES, "first_identity": 200, "identities": 2, "pictures": 1},
    "metrics": {"psnr": {"type": "psnr"}, "ssim": {"type": "ssim"}},
    "max_iters": 12,
    "batch_size": 2,
    "lr": 1e-3,
    "device": "cpu",
    "samples": 1,
    "checkpoint_interval": 2,
    "val_interval": 4,
    "log_interval": 1,
    "sample_interval": 6,
}
PRETRAIN: dict[str, Any] = {
    "head": {"type": "small_features"},
    "train_dataset": {"type": "rendered_faces", "size": 32, "identities": 4, "pictures": 2},
    "test_dataset": {"type": "rendered_faces", "size": 32, "first_identity": 50, "identities": 4, "pictures": 1},
    "max_iters": 6,
    "batch_size": 4,
    "lr": 1e-3,
    "checkpoint_interval": 2,
    "device": "cpu",
}
RECOGNISER: dict[str, Any] = {
    "heads": {
        "face": {
            "type": "face",
            "locate": "normal",
            "detector": {"type": "mtcnn"},
            "encoder": {"type": "face_encoder", "weights": "embedded"},
        }
    }
}
BENCH: dict[str, Any] = {
    "methods": {"gain": {"type": "gain", "factor": 4.0}},
    "datasets": {"rendered": {"dataset": FACES, "metrics": {"psnr": {"type": "psnr"}}}},
    "device": "cpu",
}


@dataclass
class Tried:
    """What came of one try: what was done, in words, and the faults found."""

    what: str
    faults: list[str] = field(default_factory=list)


class Workshop:
    """Inputs and references.

    Args:
        root: a folder for everything; it is made.
        entry: see :class:`trials.process.Place`.
        jobs: the commands that write.
    """

    def __init__(
        self, root: Path, entry: Callable[[], object] | None = None, jobs: dict[str, Job] | None = None
    ) -> None:
        self.root, self.entry, self.jobs = root, entry, JOBS if jobs is None else jobs
        self.inputs = root / "inputs"
        self.inputs.mkdir(parents=True)
        self._count = 0
        self._wanted: dict[str, tuple[dict[str, str], float]] = {}
        self._write()

    def _write(self) -> None:
        rng = np.random.default_rng(0)
        for folder, count in (("photos", 6), ("others", 6)):
            for number in range(count):
                size = (40 + 8 * (number % 2), 48, 3)
                base = rng.random((5, 6, 3)).repeat(10, 0).repeat(8, 1)[: size[0], : size[1]]
                pixels = (255 * np.clip(0.3 * base + 0.02 * rng.random(base.shape), 0, 1)).astype(np.uint8)
                path = self.inputs / folder / ("deep" if number == 5 else "") / f"p{number}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(pixels).save(path)
        for name, config in (("tiny", TINY), ("pretrain", PRETRAIN), ("recogniser", RECOGNISER), ("bench", BENCH)):
            (self.inputs / f"{name}.json").write_text(json.dumps(config))
        (self.inputs / "workers.json").write_text(json.dumps({**TINY, "num_workers": 2}))

    def finish(self) -> None:
        """Makes the inputs that lowface itself makes: people, a run, results.

        Raises:
            RuntimeError: a command fails although nobody disturbs it.
        """
        from lowface_core.config.build import build_from
        from lowface_core.data.images import write_image

        people = {**FACES, "size": 80, "identities": 4, "pictures": 2}
        people.pop("degradation")
        dataset = build_from("dataset", people, "people")
        rows = []
        for index in range(len(dataset)):
            sample = dataset.draw(index, np.random.default_rng(0), index)
            name = f"person{index // 2}/person{index // 2}_{index % 2 + 1:04d}.png"
            write_image(self.inputs / "people" / name, sample["normal"])
            rows.append(name)
        pairs = [(a, b, int(a[:7] == b[:7])) for n, a in enumerate(rows) for b in rows[n + 1 :]][:20]
        table = "first,second,same\n" + "".join(f"{a},{b},{same}\n" for a, b, same in pairs)
        (self.inputs / "pairs.csv").write_text(table)
        with self.place("finish") as place:
            self.quiet(place, "train", "tiny.json", "--work-dir", "run")
            for gain in ("2.0", "4.0"):
                words = ("evaluate", "tiny.json", "--enhancer", "gain", "--enhancer-options", f"factor={gain}")
                self.quiet(place, *words, "--work-dir", f"results/{gain[0]}")
            for name in ("run", "results"):
                shutil.copytree(place.work / name, self.inputs / name)

    def quiet(self, place: Place, *words: str) -> Said:
        """A command that nothing disturbs, and that must end well."""
        said = place.run(words)
        if said.code:
            raise RuntimeError(f"lowface {' '.join(words)} ends with {said.code}: {said.err[-500:]}")
        return said

    def place(self, name: str, inputs: bool = True) -> _Kept:
        """A context with a fresh folder that holds the inputs; it goes with the block."""
        self._count += 1
        return _Kept(self.root / f"{name}-{self._count}", self.inputs if inputs else None, self.entry)

    def wanted(self, job: Job) -> tuple[dict[str, str], float]:
        """What a job leaves in ``out`` when nobody disturbs it, and how many seconds it takes."""
        if job.name not in self._wanted:
            with self.place(job.name) as place:
                (place.work / "out").mkdir()
                self.quiet(place, *job.words)
                import_modules((place.root / "modules").read_text().split("\n"))
                shutil.rmtree(place.work / "out")
                (place.work / "out").mkdir()
                said = self.quiet(place, *job.words)
                self._wanted[job.name] = content(place.work / "out"), said.seconds
        return self._wanted[job.name]

    @cached_property
    def checkpoint(self) -> bytes:
        """The last checkpoint of a run."""
        return (self.inputs / "run" / "last.pth").read_bytes()

    def job(self, number: int) -> Job:
        """Every job in turn, dear ones a third as often."""
        cheap = [job for job in self.jobs.values() if not job.dear]
        every = [*cheap, *cheap, *cheap, *(job for job in self.jobs.values() if job.dear)]
        return every[number % len(every)]


class _Kept:
    def __init__(self, root: Path, inputs: Path | None, entry: Callable[[], object] | None) -> None:
        self.arguments = (root, inputs, entry)

    def __enter__(self) -> Place:
        return Place(*self.arguments)

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.arguments[0], ignore_errors=True)
