"""mmengine's Runner with what lowface does otherwise: device, logs, checkpoints, sample order, DDP on any backend."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from mmengine.logging import MMLogger
from mmengine.model import MMDistributedDataParallel
from mmengine.optim import OptimWrapper
from mmengine.runner import BaseLoop, IterBasedTrainLoop, Runner
from mmengine.visualization import Visualizer
from torch import nn

from lowface_core.data.batches import RunOrder, served

_RUNS = itertools.count(1)


class SeekingLoop(IterBasedTrainLoop):
    """Iteration loop that continues by seeking in the sample order instead of drawing and dropping what was seen.

    ``after_iter(iteration)`` is called once the counter has moved on; it may set ``stop_training``.
    """

    def __init__(
        self, runner: Runner, dataloader: Any, max_iters: int, order: RunOrder, after_iter: Callable[[int], None]
    ):
        BaseLoop.__init__(self, runner, dataloader)  # the parent's own would start the loader, from the first sample
        self._max_iters, self._max_epochs = max_iters, 1
        self._iter = self._epoch = 0
        self.stop_training = False
        self.order, self.after_iter = order, after_iter

    def run(self) -> nn.Module:
        """Trains from the current iteration to the last."""
        self.runner.call_hook("before_train")
        self.runner.call_hook("before_train_epoch")
        self.order.start = self._iter
        batches = served(self.dataloader)
        while self._iter < self._max_iters and not self.stop_training:
            self.runner.model.train()
            self.run_iter(next(batches))
            self.after_iter(self._iter)
        self.runner.call_hook("after_train_epoch")
        self.runner.call_hook("after_train")
        return self.runner.model


class LowfaceRunner(Runner):
    """Runner without mmengine's own environment report, checkpoints and visualiser: a run's files are lowface's.

    Args:
        device: where the model trains.
        order, after_iter: see :class:`SeekingLoop`.
        max_iters: iterations of the whole run.
        **kwargs: mmengine's.
    """

    def __init__(
        self, device: torch.device, order: RunOrder, after_iter: Callable[[int], None], max_iters: int, **kwargs: Any
    ) -> None:
        self.device = device
        # kept here rather than in train_cfg, which mmengine deep-copies
        self._loop_parts: dict[str, Any] = {"max_iters": max_iters, "order": order, "after_iter": after_iter}
        # mmengine knows runs by name and second, and would give two of the same second one log
        super().__init__(train_cfg={"type": SeekingLoop}, experiment_name=f"run{next(_RUNS)}", **kwargs)
        Path(self._log_dir).rmdir()  # mmengine makes it; nothing is written there

    def build_train_loop(self, loop: Any) -> SeekingLoop:
        """The one loop there is; already built when a run was resumed."""
        return loop if isinstance(loop, SeekingLoop) else SeekingLoop(self, self._train_dataloader, **self._loop_parts)

    def _log_env(self, env_cfg: dict[str, Any]) -> None:
        """Nothing: the manifest records the environment, and mmengine's report needs distutils."""

    def dump_config(self) -> None:
        """Nothing: the resolved config is written by the trainer."""

    def _init_model_weights(self) -> None:
        """Nothing: enhancers initialise themselves."""

    def build_logger(self, log_level: int | str = "INFO", log_file: str | None = None, **kwargs: Any) -> MMLogger:
        """mmengine's logger into ``train.log`` alone; the terminal belongs to the progress bar."""
        logger = super().build_logger(log_level, log_file=str(Path(self._work_dir) / "train.log"), **kwargs)
        logger.handlers = [h for h in logger.handlers if hasattr(h, "baseFilename")]
        return logger

    def build_visualizer(self, visualizer: Any = None) -> Visualizer:
        """A visualiser that draws nothing, which hooks of mmengine may expect to exist."""
        return Visualizer.get_instance(self._experiment_name, vis_backends=[], save_dir=None)

    def wrap_model(self, model_wrapper_cfg: Any, model: nn.Module) -> nn.Module:
        """Moves the model to the run's device, and wraps it for DDP when there are several processes."""
        model = model.to(self.device)
        if not self.distributed:
            return model
        index = [self.device.index or 0] if self.device.type == "cuda" else None
        return MMDistributedDataParallel(module=model, device_ids=index, broadcast_buffers=False)


class AutocastOptimWrapper(OptimWrapper):
    """Mixed precision without loss scaling: bfloat16 has float32's range, and works on CPU as well."""

    def __init__(self, device_type: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.device_type = device_type

    def optim_context(self, model: nn.Module) -> Any:
        """mmengine's context (gradient accumulation), inside autocast."""
        import contextlib

        stack = contextlib.ExitStack()
        stack.enter_context(super().optim_context(model))
        stack.enter_context(torch.autocast(self.device_type, dtype=torch.bfloat16))
        return stack


def optim_wrapper(cfg: dict[str, Any], parameters: Any, device: torch.device) -> OptimWrapper:
    """Adam with the config's learning rate, weight decay, clipping, accumulation and precision."""
    common: dict[str, Any] = {
        "optimizer": torch.optim.Adam(parameters, lr=cfg["lr"], weight_decay=cfg["weight_decay"]),
        "accumulative_counts": cfg["accumulate"],
        "clip_grad": {"max_norm": cfg["grad_clip"]} if cfg["grad_clip"] else None,
    }
    if not cfg["amp"]:
        return OptimWrapper(**common)
    if device.type == "cuda" and not torch.cuda.is_bf16_supported():
        from mmengine.optim import AmpOptimWrapper

        return AmpOptimWrapper(loss_scale="dynamic", dtype="float16", **common)
    return AutocastOptimWrapper(device.type, **common)
