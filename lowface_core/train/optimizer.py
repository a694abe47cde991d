"""How parameters are updated: mmengine's optimizer wrapper and scheduler, made from a config; the gradients' norm."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
from mmengine.logging import MMLogger
from mmengine.optim import AmpOptimWrapper, ConstantLR, CosineAnnealingLR, OptimWrapper
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from lowface_core.weights.distrust import check_tensors


class AutocastOptimWrapper(OptimWrapper):
    """Mixed precision without loss scaling: bfloat16 has float32's range, and works on CPU as well."""

    def __init__(self, device_type: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.device_type = device_type

    @contextlib.contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """mmengine's context (gradient accumulation), inside autocast."""
        with super().optim_context(model), torch.autocast(self.device_type, dtype=torch.bfloat16):
            yield


def optim_wrapper(cfg: Mapping[str, Any], parameters: Iterable[nn.Parameter], device: torch.device) -> OptimWrapper:
    """Adam with the config's learning rate, weight decay, accumulation and precision."""
    MMLogger.get_current_instance().setLevel(logging.ERROR)  # its remarks on accumulation would break the progress bar
    common: dict[str, Any] = {
        "optimizer": torch.optim.Adam(parameters, lr=cfg["lr"], weight_decay=cfg["weight_decay"]),
        "accumulative_counts": cfg["accumulate"],
    }
    if not cfg["amp"]:
        return OptimWrapper(**common)
    if device.type == "cuda" and not torch.cuda.is_bf16_supported():
        return AmpOptimWrapper(loss_scale="dynamic", dtype="float16", **common)
    return AutocastOptimWrapper(device.type, **common)


def load_state(optimizer: OptimWrapper, state: Mapping[str, Any]) -> None:
    """Takes over what a checkpoint knows of each parameter; learning rate and weight decay stay the config's.

    Raises:
        ValueError: what it knows has another shape than the parameter, which torch would notice in the next step.
    """
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    for index, known in state["state"].items():
        check_tensors(known, "optimizer", f"state[{index}].")
        shape = parameters[index].shape
        for name, value in known.items():
            if isinstance(value, Tensor) and value.ndim and value.shape != shape:
                raise ValueError(f"optimizer.state[{index}].{name} is {tuple(value.shape)}, not {tuple(shape)}")
    optimizer.load_state_dict({**state, "param_groups": optimizer.state_dict()["param_groups"]})


def scheduler(cfg: Mapping[str, Any], optimizer: OptimWrapper, total: int, done: int) -> Any:
    """The learning rate's course over ``total`` iterations, at the place where ``done`` of them are over."""
    if cfg["lr_schedule"] == "fixed":
        return ConstantLR(optimizer, factor=1.0, by_epoch=False)
    schedule = CosineAnnealingLR(optimizer, by_epoch=False, T_max=total, eta_min=0.0)
    for _ in range(done):  # step by step, because each rate follows from the one before, to the last bit
        schedule.step()
    return schedule


@contextlib.contextmanager
def quiet_schedulers() -> Iterator[None]:
    """Without the warning that a scheduler steps before the optimizer does, as it must where gradients accumulate."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Detected call of `(lr_)?scheduler\.step")
        yield


def clipped_norm(optimizer: OptimWrapper, largest: float | None) -> Tensor:
    """Norm of all gradients, which are scaled down to ``largest`` (None or 0: left alone).

    Returns:
        scalar on the gradients' device, before scaling down; 0 where float16's loss scaling overflowed: the scaler
        then skips the update and tries a smaller scale.
    """
    overflow = False
    if isinstance(optimizer, AmpOptimWrapper):
        scale = optimizer.loss_scaler.get_scale()
        optimizer.loss_scaler.unscale_(optimizer.optimizer)
        overflow = scale > 1
    parameters = [p for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
    norm = nn.utils.get_total_norm([p.grad for p in parameters])
    if largest and parameters:
        nn.utils.clip_grads_with_norm_(parameters, largest, norm)
    return norm.nan_to_num(0.0, 0.0) if overflow else norm


def moving_average(module: nn.Module, decay: float) -> AveragedModel:
    """An exponential moving average of a module's weights and buffers, to be updated once a parameter update."""
    return AveragedModel(module, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)
