"""The manifest of a run: everything one needs to say where its numbers come from."""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import torch

import lowface_core
from lowface_core.config.build import weights_used
from lowface_core.registry.discovery import installed
from lowface_core.registry.loader import plugins

PACKAGES = ("torch", "torchvision", "mmengine", "mmsegmentation", "mmcv-lite", "facenet-pytorch", "timm", "numpy")


def git_commit(folder: Path) -> str | None:
    """Commit of the checkout around ``folder``, with ``-dirty`` when it has changes; None outside a checkout."""
    try:
        command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def fingerprint(dataset: Any) -> str:
    """A short text that changes when the data change: the data set's own, else its class and length."""
    own = getattr(dataset, "fingerprint", None)
    return str(own()) if callable(own) else f"{type(dataset).__name__}:{len(dataset)}"


def manifest(
    cfg: Mapping[str, Any], datasets: Mapping[str, Any], device: torch.device, world: int = 1
) -> dict[str, Any]:
    """Versions, weights, data, seed and command of a run, as plain data.

    Args:
        cfg: the resolved config.
        datasets: built data sets by config section.
        world: number of training processes.
    """
    return {
        "started": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "command": sys.argv,
        "lowface": lowface_core.__version__,
        "git_commit": git_commit(Path(lowface_core.__file__).parent),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: installed(name) for name in PACKAGES},
        "plugins": {p.key: {"version": p.version, "status": p.status} for p in plugins().loaded},
        "weights": weights_used(cfg),
        "data": {section: fingerprint(dataset) for section, dataset in datasets.items()},
        "seed": cfg["seed"],
        "device": str(device),
        "threads": torch.get_num_threads(),
        "processes": world,
    }
