"""The training loop that ``train`` and ``pretrain`` share: iterate, record, save, resume, stop when asked."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from torch import nn

import lowface_core
from lowface_core.data.batches import RunOrder, training_loader
from lowface_core.errors import LowfaceError
from lowface_core.runs import checkpoint
from lowface_core.train import launch
from lowface_core.train.interrupt import Interrupt
from lowface_core.train.model import WeightedModel
from lowface_core.train.recorder import Recorder
from lowface_core.train.runner import LowfaceRunner, optim_wrapper

#: mmengine's own hooks, all replaced by what this file does.
DEFAULT_HOOKS = ("runtime_info", "timer", "sampler_seed", "logger", "checkpoint")


class TrainingStoppedError(LowfaceError):
    """Training was interrupted and saved; the message says how to resume."""

    exit_code = 130


class _Record(Hook):
    """Passes each iteration's losses to the recorder."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    def after_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: Any = None) -> None:
        self.recorder.step(batch_idx + 1, outputs, runner.optim_wrapper.get_lr()["lr"][0])


class Loop:
    """One training run over a model.

    Args:
        cfg: resolved config.
        model: what is trained.
        trained: the module inside it whose weights a checkpoint is about (the enhancer, the task's network).
        dataset: training data.
        plain: extra plain data for every checkpoint (the enhancer's config).
        every: called on the main process after each iteration with (iteration, is the last): validation, panels.
        device, rank, world: see :mod:`lowface_core.train.launch`.
    """

    def __init__(
        self,
        cfg: dict[str, Any],
        work_dir: Path,
        model: WeightedModel,
        trained: nn.Module,
        dataset: Any,
        plain: dict[str, Any],
        every: Callable[[int, bool], None],
        device: torch.device,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self.cfg, self.work_dir, self.trained, self.plain, self.every = cfg, work_dir, trained, plain, every
        self.device, self.rank, self.world = device, rank, world
        self.best: dict[str, Any] = {}
        self.seconds = 0.0
        self.order = RunOrder(len(dataset), cfg["batch_size"], cfg["seed"], rank, world)
        self.total: int = cfg["max_iters"] or cfg["max_epochs"] * len(self.order)
        self.runner = LowfaceRunner(
            device,
            self.order,
            self._after,
            self.total,
            model=model,
            work_dir=str(work_dir),
            train_dataloader=training_loader(dataset, self.order, cfg["num_workers"]),
            optim_wrapper=optim_wrapper(cfg, [p for p in model.parameters() if p.requires_grad], device),
            param_scheduler=self._scheduler(),
            default_hooks=dict.fromkeys(DEFAULT_HOOKS),
            launcher="pytorch" if world > 1 else "none",
            randomness={"seed": cfg["seed"]},
            log_level="WARNING",
        )
        self.ema = self._ema()

    def _scheduler(self) -> Any:
        if self.cfg["lr_schedule"] == "fixed":
            return None
        return {"type": "CosineAnnealingLR", "by_epoch": False, "T_max": self.total, "eta_min": 0.0}

    def _ema(self) -> torch.optim.swa_utils.AveragedModel | None:
        if not self.cfg["ema"]:
            return None
        average = torch.optim.swa_utils.get_ema_multi_avg_fn(self.cfg["ema"])
        return torch.optim.swa_utils.AveragedModel(self.trained, multi_avg_fn=average, use_buffers=True)

    @property
    def judged(self) -> Any:
        """The module to evaluate and to keep: the moving average when there is one."""
        return self.ema.module if self.ema is not None else self.trained

    @property
    def model(self) -> nn.Module:
        """What is trained, without the DDP wrapper."""
        return self.runner.model.module if is_model_wrapper(self.runner.model) else self.runner.model

    def run(self, resume: Path | None, interrupt: Interrupt, how_to_resume: str) -> None:
        """Trains to the end, or until interrupted.

        Raises:
            LowfaceError: a user's mistake in data or config came up, or a loss became non-finite.
            TrainingStoppedError: interrupted; everything is saved.
        """
        runner = self.runner
        start = self._resume(resume) if resume is not None else 0
        self.recorder: Recorder | None = None
        if self.rank == 0:
            self.recorder = Recorder(self.work_dir, self.total, start, self.cfg["log_interval"])
            runner.register_hook(_Record(self.recorder))
        self.interrupt, self.stopped, self.start = interrupt, False, start
        before, began = self.seconds, time.monotonic()
        self._clock = lambda: before + time.monotonic() - began
        try:
            with warnings.catch_warnings():
                # with gradient accumulation the first parameter update comes later than the first scheduler step
                warnings.filterwarnings("ignore", message=r"Detected call of `(lr_)?scheduler\.step")
                runner.train()
        finally:
            self.seconds = self._clock()
            if self.recorder:
                self.recorder.close()
        if self.stopped:
            raise TrainingStoppedError(f"stopped at iteration {runner.iter} of {self.total}, saved; {how_to_resume}")

    def _after(self, iteration: int) -> None:
        if self.ema is not None:
            self.ema.update_parameters(self.trained)
        last = iteration == self.total
        update_done = iteration % self.cfg["accumulate"] == 0
        if update_done and self.interrupt.agreed(self.device):
            self.stopped = self.runner.train_loop.stop_training = not last
        if self.rank == 0:
            if not self.stopped:
                self.every(iteration, last)
            # only between parameter updates: gradients half accumulated are in no checkpoint
            due = iteration % self.cfg["checkpoint_interval"] < self.cfg["accumulate"] and update_done
            if due or last or self.stopped:
                self.save(checkpoint.LAST)
        if last or self.stopped or (self.cfg["val_interval"] and iteration % self.cfg["val_interval"] == 0):
            launch.barrier()

    def save(self, name: str) -> None:
        """Writes a checkpoint of the present state into the work dir."""
        runner = self.runner
        content = {
            "lowface": lowface_core.__version__,
            "iter": runner.iter,
            "state_dict": _cpu(self.judged.state_dict()),
            "model": _cpu(self.model.state_dict()),
            "optimizer": runner.optim_wrapper.state_dict(),
            "schedulers": [s.state_dict() for s in runner.param_schedulers or []],
            "random": checkpoint.random_state(),
            "best": self.best,
            "seconds": self._clock(),
            **self.plain,
        }
        checkpoint.save(self.work_dir / name, content)

    def _resume(self, path: Path) -> int:
        content = checkpoint.load(path)
        runner = self.runner
        try:
            self.model.load_state_dict(content["model"])
            self.judged.load_state_dict(content["state_dict"])
            if self.ema is not None:  # an average that counts nothing yet would start anew from the present weights
                self.ema.n_averaged.fill_(content["iter"])
        except (RuntimeError, KeyError) as error:
            reason = " ".join(str(error).split())[:300]
            raise LowfaceError(f"{path}: does not fit this config's model ({reason})") from error
        # built now, because the optimizer's and the schedulers' states go into built objects
        runner._train_loop = runner.build_train_loop(runner._train_loop)
        runner.train_loop._iter = content["iter"]
        runner.optim_wrapper.load_state_dict(content["optimizer"])
        if runner.param_schedulers is not None:
            runner.param_schedulers = runner.build_param_scheduler(runner.param_schedulers)
            for scheduler, state in zip(runner.param_schedulers, content["schedulers"], strict=True):
                scheduler.load_state_dict(state)
        checkpoint.restore_random_state(content["random"])
        self.best, self.seconds = content["best"], content["seconds"]
        return int(content["iter"])


def _cpu(state: dict[str, Any]) -> dict[str, Any]:
    return {k: v.detach().cpu() for k, v in state.items()}
