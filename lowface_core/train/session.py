"""What ``train`` and ``pretrain`` share around their loop: the folder, what is resumed, the records, the signals."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lowface_core.config.text import config_text
from lowface_core.data.batches import RunOrder
from lowface_core.errors import LowfaceError
from lowface_core.runs import checkpoint
from lowface_core.runs.manifest import fingerprint, manifest
from lowface_core.runs.training_folder import TrainingFolder
from lowface_core.train import launch
from lowface_core.train.launch import Interrupt, TrainingStoppedError
from lowface_core.train.loop import Loop
from lowface_core.train.resume import JUDGING, NEEDED, check_changes, restore


class Session:
    """One training process in its folder.

    Args:
        command: ``train`` or ``pretrain``.
        cfg: resolved config.
        name: config name, for the default folder.
        resume: None; ``auto`` for the folder's last checkpoint; or the path of a checkpoint or of another run's folder.
        datasets: by config section.
        process: the main one writes.

    Raises:
        LowfaceError: the folder is taken or in use, or the run cannot be resumed with this config.
    """

    def __init__(
        self,
        command: str,
        cfg: dict[str, Any],
        name: str,
        resume: str | None,
        datasets: Mapping[str, Any],
        process: launch.Process,
    ) -> None:
        self.command, self.cfg, self.datasets = command, cfg, datasets
        self.process, rank = process, process.rank
        self.plain = {
            "config": json.loads(json.dumps(cfg, default=str)),
            "processes": process.world,
            "data": fingerprint(datasets["train_dataset"]),
        }
        self.changed: dict[str, list[Any]] = {}
        source = None
        if resume not in (None, "auto"):
            source = Path(str(resume)).expanduser()
            source = checkpoint.in_work_dir(source) if source.is_dir() else source
            self._read(source)
        if rank == 0:
            beside = str(source.parent) if source else None
            self.folder = TrainingFolder.claim(cfg["work_dir"] or beside, name, resume)
        path = launch.share(self.folder.path if rank == 0 else None)
        if rank:
            self.folder = TrainingFolder(path, locked=False)
        if resume == "auto":
            source = launch.share(self.folder.last_checkpoint() if rank == 0 else None)
            try:
                self._read(source)
            except BaseException:
                self.folder.close()
                raise
        self.source = source

    def _read(self, source: Path | None) -> None:
        if source is not None:
            content, now = checkpoint.load(source, NEEDED), self.plain
            order = RunOrder(len(self.datasets["train_dataset"]), self.cfg["batch_size"], 0, 0, self.process.world)
            total = order.iterations(self.cfg["max_iters"], self.cfg["max_epochs"])
            self.changed = check_changes(content, self.cfg, total, now["processes"], now["data"], source)

    @property
    def how_to_resume(self) -> str:
        """For messages."""
        return f"resume with: {self.folder.resume_command(self.command, self.process.world)}"

    def run(self, loop: Loop) -> None:
        """Sets the loop to where it continues, records that it begins, and trains.

        Raises:
            LowfaceError: see :meth:`lowface_core.train.loop.Loop.run`; the checkpoint is damaged or of another model.
            TrainingStoppedError: interrupted; everything is saved.
        """
        if self.source is not None:
            restore(loop, checkpoint.load(self.source), self.source)
            if any(name in self.changed for name in JUDGING):
                loop.best = {}
        if self.process.rank == 0:
            # a head under training has no weights yet, whatever its config says
            self.facts = manifest({**self.cfg, "head": None}, self.datasets, self.process.device, self.process.world)
            self.folder.begin(config_text(self.cfg, {}) + "\n", self.facts, self.source, loop.iteration, self.changed)
        try:
            with Interrupt() as interrupt:
                loop.run(interrupt)
        except FileNotFoundError as error:
            raise LowfaceError(f"{error.filename}: disappeared during training") from error
        if not loop.finished:
            where = f"iteration {loop.iteration} of {loop.total}"
            said = f"stopped at {where}, saved; {self.how_to_resume}" if self.process.rank == 0 else ""
            raise TrainingStoppedError(said)

    @contextlib.contextmanager
    def measuring(self, what: str) -> Iterator[None]:
        """Turns whatever goes wrong while something is measured into a line that says where the weights are."""
        try:
            yield
        except Exception as error:
            cause = str(error) if isinstance(error, LowfaceError) else f"{type(error).__name__}: {error}"
            raise LowfaceError(
                f"{' '.join(cause.split())} (in {what}); the weights are kept in {self.folder.path / checkpoint.LAST}; "
                f"{self.how_to_resume}"
            ) from error

    def close(self) -> None:
        """Gives the folder back to other processes."""
        self.folder.close()
