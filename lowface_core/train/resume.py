"""What a checkpoint keeps of a training loop, and what a resumed run may change of the config that wrote it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lowface_core
from lowface_core.errors import ConfigError, WeightsError
from lowface_core.runs import checkpoint
from lowface_core.runs.results import differences
from lowface_core.train.optimizer import load_state

if TYPE_CHECKING:
    from lowface_core.train.loop import Loop

FIXED = "may not change: another value is refused"
NEXT = "may change, and counts from the next iteration on; a schedule goes on at the run's place on the new curve"
FREE = "may change"
#: Every top-level name of a config: what a resumed run makes of another value.
ON_RESUME: dict[str, str] = {
    **dict.fromkeys(("enhancer", "losses", "heads", "head", "task", "phases", "train_dataset"), FIXED),
    **dict.fromkeys(("batch_size", "accumulate", "ema", "seed"), FIXED),
    **dict.fromkeys(("max_iters", "max_epochs", "lr", "lr_schedule", "weight_decay", "grad_clip", "amp"), NEXT),
    **dict.fromkeys(("val_dataset", "test_dataset", "metrics", "best", "eval_batch_size"), FREE),
    **dict.fromkeys(("val_interval", "log_interval", "checkpoint_interval", "sample_interval", "samples"), FREE),
    **dict.fromkeys(("device", "num_workers", "data_root", "weights_root", "runs_root", "work_dir"), FREE),
    **dict.fromkeys(("methods", "datasets", "reference"), FREE),
}
#: What a checkpoint must hold to be resumed.
NEEDED = ("iter", "state_dict", "model", "optimizer", "random", "best", "seconds")
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
            places = differences(before.get(name), cfg.get(name), name)
            faults += [f"{place}: {old!r}, now {new!r}" for place, old, new in places]
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


def state_of(loop: Loop) -> dict[str, Any]:
    """Tensors and plain data from which the run continues as if it had not stopped.

    ``state_dict`` is the network as one would use it (the moving average if there is one), ``model`` the one under
    training; ``unmeasured``: validation and panels of this iteration are still to come.
    """
    return {
        "lowface": lowface_core.__version__,
        "iter": loop.iteration,
        "unmeasured": loop.unmeasured,
        "state_dict": _cpu(loop.kept.state_dict()),
        "model": _cpu(loop.model.state_dict()),
        **_of_phases(loop),
        "random": checkpoint.random_state(),
        "best": loop.best,
        "seconds": time.monotonic() - loop.began,
    }


def restore(loop: Loop, content: Mapping[str, Any], path: Path) -> None:
    """Sets a loop that has not begun to where a checkpoint was written.

    Raises:
        WeightsError: the checkpoint is damaged, or of another model.
    """
    try:
        loop.model.load_state_dict(content["model"])
        loop.kept.load_state_dict(content["state_dict"])
        for optimizer, state in zip(loop.optimizers, _states(loop, content), strict=True):
            load_state(optimizer, state)
        for key, head in loop.model.learners().items():
            head.load_state_dict(content["heads"][key])
        checkpoint.restore_random_state(content["random"])
        loop.best, loop.seconds = dict(content["best"]), float(content["seconds"])
        if loop.best and not (isinstance(loop.best["value"], float) and isinstance(loop.best["metric"], str)):
            raise ValueError(f"best is {loop.best!r}")
        loop.iteration, loop.unmeasured = int(content["iter"]), bool(content.get("unmeasured"))
    except Exception as error:  # torch and mmengine raise what comes up
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        raise WeightsError(f"{path}: is damaged, or does not fit this config's model ({reason})") from error
    if loop.average is not None:  # an average that counts nothing yet would start anew from the present weights
        loop.average.n_averaged.fill_(loop.updates_of_enhancer)


def _of_phases(loop: Loop) -> dict[str, Any]:
    """What every phase's Adam knows, and the heads that learn; where a run is among its phases, ``iter`` says."""
    states = [optimizer.state_dict() for optimizer in loop.optimizers]
    if not loop.turns.taken:
        return {"optimizer": states[0]}
    heads = {key: _cpu(head.state_dict()) for key, head in loop.model.learners().items()}
    return {"optimizer": {"phases": states}, "heads": heads}


def _states(loop: Loop, content: Mapping[str, Any]) -> list[Any]:
    return list(content["optimizer"]["phases"]) if loop.turns.taken else [content["optimizer"]]


def _cpu(state: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v.detach().cpu() for k, v in state.items()}
