"""Choosing the device a run uses."""

from __future__ import annotations

import torch

from lowface_core.errors import ConfigError


def pick(name: str = "auto") -> torch.device:
    """``auto`` (CUDA, else Apple's MPS, else CPU) or an explicit device.

    Raises:
        ConfigError: unknown device, or one that this machine does not have.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise ConfigError(f"device: {name!r} is no device; use auto, cpu, cuda, cuda:<number> or mps") from None
    have = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available())}
    if (device.index or 0) >= have.get(device.type, 0):
        raise ConfigError(f"device: {name!r} is not on this machine; use auto or cpu")
    return device


def out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out: by its class, but for torch's allocators that have none of their own.

    These raise a plain ``RuntimeError``: the processor's names the allocator, that of Apple's GPU says it in words.
    """
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(s in str(error) for s in ("DefaultCPUAllocator", "out of memory"))
