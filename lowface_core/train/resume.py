"""What a resumed run may change: one table, and the comparison of its config with the one that wrote the checkpoint."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lowface_core.errors import ConfigError, WeightsError

FIXED = "may not change: another value is refused"
NEXT = "may change, and counts from the next iteration on; a schedule goes on at the run's place on the new curve"
FREE = "may change"
#: Every top-level name of a config: what a resumed run makes of another value.
ON_RESUME: dict[str, str] = {
    **dict.fromkeys(("enhancer", "losses", "heads", "head", "task", "train_dataset"), FIXED),
    **dict.fromkeys(("batch_size", "accumulate", "ema", "seed"), FIXED),
    **dict.fromkeys(("max_iters", "max_epochs", "lr", "lr_schedule", "weight_decay", "grad_clip", "amp"), NEXT),
    **dict.fromkeys(("val_dataset", "test_dataset", "metrics", "best", "eval_batch_size"), FREE),
    **dict.fromkeys(("val_interval", "log_interval", "checkpoint_interval", "sample_interval", "samples"), FREE),
    **dict.fromkeys(("device", "num_workers", "data_root", "weights_root", "work_dir"), FREE),
}
#: Where one of these changes, numbers of the best checkpoint so far cannot be compared with later ones.
JUDGING = ("val_dataset", "metrics", "best")


def changes(before: Mapping[str, Any], cfg: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Top-level names whose value differs: ``{"lr": [0.001, 0.01]}``; where a folder moved, its root alone.

    Args:
        before: config of the run that wrote the checkpoint.
        cfg: config of the run that continues it.
    """
    old, new = _rootless(before), _rootless(cfg)
    names = [name for name in ON_RESUME if name != "work_dir" and old.get(name) != new.get(name)]
    return {name: [before.get(name), cfg.get(name)] for name in names}


def check_changes(
    content: Mapping[str, Any], cfg: Mapping[str, Any], total: int, processes: int, data: str, path: Path
) -> dict[str, list[Any]]:
    """Compares a run with the checkpoint it is to continue.

    Args:
        content: the checkpoint's; older ones that hold no config are taken as fitting.
        total: iterations of the run by its present config.
        processes: number of training processes.
        data: fingerprint of the training data.
        path: the checkpoint, for messages.

    Returns:
        see :func:`changes`.

    Raises:
        ConfigError: something differs that may not; a line for each, with both values.
        WeightsError: the checkpoint does not say where it was written.
    """
    before, done = content.get("config") or {}, content.get("iter")
    if not isinstance(done, int) or not isinstance(before, Mapping):
        raise WeightsError(f"{path}: is damaged (iter is {done!r})")
    found = changes(before, cfg) if before else {}
    faults = []
    for name in found:
        if ON_RESUME[name] == FIXED:
            faults += _differences(before.get(name), cfg.get(name), name)
    for name, now in (("processes", processes), ("data", data)):
        if name in content and content[name] != now:
            faults.append(f"{'train_dataset' if name == 'data' else name}: {content[name]!r}, now {now!r}")
    faults = [f"{fault}; the run of {path} cannot be resumed with another" for fault in faults]
    length = "max_iters" if cfg.get("max_iters") else "max_epochs"
    if done > total:
        faults.append(f"{length}: {cfg[length]} ends at iteration {total}, but {path} is at {done} already")
    elif done == total:
        wanted = [name for name in found if ON_RESUME[name] == NEXT and name not in ("max_iters", "max_epochs")]
        faults += [
            f"{name}: {found[name][0]!r}, now {found[name][1]!r}, but {path} is at its last iteration, {done}: "
            f"there is nothing left to train; give a larger {length}"
            for name in wanted
        ]
    if faults:
        raise ConfigError("\n".join(faults))
    return found


def _rootless(cfg: Mapping[str, Any]) -> dict[str, Any]:
    """The config with ``{data_root}`` and ``{weights_root}`` in place of these folders."""
    text = json.dumps({k: v for k, v in cfg.items() if not k.endswith("_root")})
    for root in ("data_root", "weights_root"):
        if cfg.get(root):
            text = text.replace(json.dumps(str(cfg[root]).rstrip("/"))[1:-1], f"{{{root}}}")
    return {**json.loads(text), **{k: v for k, v in cfg.items() if k.endswith("_root")}}


def _differences(before: Any, after: Any, path: str) -> list[str]:
    """A line for each place where two values differ."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        keys = [key for key in dict.fromkeys([*before, *after]) if before.get(key) != after.get(key)]
        return [line for key in keys for line in _differences(before.get(key), after.get(key), f"{path}.{key}")]
    return [f"{path}: {before!r}, now {after!r}"]
