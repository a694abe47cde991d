"""The training loop that ``train`` and ``pretrain`` share: iterate, record, save, measure, stop on a signal."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from torch import nn
from torch.nn.parallel import DistributedDataParallel

from lowface_core.data.batches import RunOrder, served, to_device, training_loader
from lowface_core.runs import checkpoint
from lowface_core.train import launch
from lowface_core.train.divergence import check_output, explain
from lowface_core.train.launch import Interrupt
from lowface_core.train.model import WeightedModel
from lowface_core.train.optimizer import clipped_norm, moving_average, optim_wrapper, quiet_schedulers, scheduler
from lowface_core.train.recorder import Recorder
from lowface_core.train.resume import state_of
from lowface_core.train.turns import Turns


class Loop:
    """One training run over a model.

    Args:
        cfg: resolved config.
        model: what is trained.
        trained: the module inside it whose weights a checkpoint is about (the enhancer, the task's network).
        dataset: training data.
        plain: extra plain data for every checkpoint.
        measure: validation and panels: called on the main process with the iteration, whose weights are on disk by
            then; None: there is nothing to measure.
        process: its device and rank.
        turns: who learns when, each phase by an Adam of its own; by default ``model`` all the time.
    """

    def __init__(
        self,
        cfg: dict[str, Any],
        work_dir: Path,
        model: WeightedModel,
        trained: nn.Module,
        dataset: Any,
        plain: Mapping[str, Any],
        measure: Callable[[int], None] | None,
        process: launch.Process,
        turns: Turns | None = None,
    ) -> None:
        self.cfg, self.work_dir, self.plain, self.measure = cfg, work_dir, plain, measure
        self.rank, world, self.device = process
        launch.seed(cfg["seed"])
        self.model, self.trained = model.to(self.device), trained
        self.step = self.model if world == 1 else DistributedDataParallel(self.model, broadcast_buffers=False)
        self.turns = turns or Turns()
        self.rates: list[float] = [cfg["lr"] if each.lr is None else each.lr for each in self.turns.phases]
        self.optimizers = [
            optim_wrapper({**cfg, "lr": lr}, model.learning(each), self.device)
            for each, lr in zip(self.turns.phases, self.rates, strict=True)
        ]
        self.average = moving_average(trained, cfg["ema"]) if cfg["ema"] else None
        self.order = RunOrder(len(dataset), cfg["batch_size"], cfg["seed"], self.rank, world)
        self.batches = served(training_loader(dataset, self.order, cfg["num_workers"]))
        self.total = self.order.iterations(cfg["max_iters"], cfg["max_epochs"])
        self.iteration, self.seconds, self.unmeasured = 0, 0.0, False
        self.best: dict[str, Any] = {}
        self.recorder: Recorder | None = None

    @property
    def kept(self) -> Any:
        """The module to evaluate and to keep: the moving average when there is one."""
        return self.average.module if self.average is not None else self.trained

    def run(self, interrupt: Interrupt) -> None:
        """Trains to the end, or until interrupted; either way, everything is saved.

        Raises:
            LowfaceError: a user's mistake in data or config came up; a loss, a gradient or the network is not finite.
        """
        self.order.start = self.iteration
        for place, optimizer in enumerate(self.optimizers):
            done, total = (self.turns.done(place, iteration) for iteration in (self.iteration, self.total))
            optimizer.initialize_count_status(self.model, done, total)
        self.began = time.monotonic() - self.seconds
        if self.rank == 0:
            interval = self.cfg["log_interval"]
            self.recorder = Recorder(self.work_dir, self.total, self.iteration, interval, self.unmeasured)
        try:
            with quiet_schedulers():
                self._train(interrupt)
        finally:
            self.seconds = time.monotonic() - self.began
            self.batches.close()  # ends the workers now: what still holds this loop may live until the process ends
            if self.recorder:
                self.recorder.close()

    def _train(self, interrupt: Interrupt) -> None:
        stopped = False
        schedules = [scheduler(self.cfg, each, self.total, self.iteration) for each in self.optimizers]
        if self.unmeasured:
            self._measure()
        while not (self.finished or stopped):
            batch = to_device(next(self.batches), self.device)
            place = self.turns.at(self.iteration)
            phase, optimizer = self.turns.phases[place], self.optimizers[place]
            self.model.take_turn(phase)
            with optimizer.optim_context(self.step):
                terms, logged = self.step(**batch)
            total = self.model.total(terms)
            optimizer.backward(optimizer.scale_loss(total))
            update = optimizer.should_update()
            norm = clipped_norm(optimizer, self.cfg["grad_clip"]) if update else total.detach()
            if not (total + norm).isfinite():  # the one question to the device in a step
                raise explain(self.model, batch, optimizer, self.rates[place], self.iteration + 1, phase)
            if self.recorder:
                losses = {f"loss/{name}": term.detach() for name, term in {**terms, "total": total}.items()}
                self.recorder.step(self.iteration + 1, {**losses, **logged}, optimizer.get_lr()["lr"][0], phase.name)
            if update:
                optimizer.step()
                optimizer.zero_grad()
                if self.average is not None and phase.head is None:
                    self.average.update_parameters(self.trained)
            for schedule in schedules:
                schedule.step()
            self.iteration += 1
            if update:  # between updates nothing is saved: gradients half accumulated are in no checkpoint
                stopped = interrupt.agreed(self.device) and not self.finished
                self._keep(batch, stopped)

    def _keep(self, batch: Mapping[str, Any], stopped: bool) -> None:
        """Weights to disk first, then what is measured with them."""
        measured = self.finished or self.due(self.cfg["val_interval"]) or self.due(self.cfg["sample_interval"])
        self.unmeasured = measured and self.measure is not None
        if self.rank == 0 and (measured or stopped or self.due(self.cfg["checkpoint_interval"])):
            check_output(self.model, batch, self.rates[self.turns.at(self.iteration - 1)], self.iteration)
            self.save(checkpoint.LAST)
        if self.unmeasured and not stopped:
            self._measure()
        elif self.finished or stopped:
            launch.barrier()

    def _measure(self) -> None:
        if self.rank == 0 and self.measure is not None:
            self.measure(self.iteration)
            self.unmeasured = False
            self.save(checkpoint.LAST)
        launch.barrier()  # the other processes wait meanwhile

    @property
    def finished(self) -> bool:
        """Whether the last iteration is over."""
        return self.iteration >= self.total

    @property
    def updates_of_enhancer(self) -> int:
        """Iterations in which ``trained`` learned."""
        places = [place for place, phase in enumerate(self.turns.phases) if phase.head is None]
        return sum(self.turns.done(place, self.iteration) for place in places)

    def due(self, interval: int) -> bool:
        """Whether something done every ``interval`` iterations (0: never) is due after this parameter update."""
        return bool(interval) and self.iteration % interval < self.cfg["accumulate"]

    def save(self, name: str) -> None:
        """Writes a checkpoint of the present state into the work dir."""
        checkpoint.save(self.work_dir / name, {**state_of(self), **self.plain})
