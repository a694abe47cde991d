"""A training loop's state for its checkpoints, and a loop set back to it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lowface_core
from lowface_core.errors import WeightsError
from lowface_core.runs import checkpoint
from lowface_core.train.optimizer import load_state

if TYPE_CHECKING:
    from lowface_core.train.loop import Loop


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
        "optimizer": loop.optimizer.state_dict(),
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
        load_state(loop.optimizer, content["optimizer"])
        checkpoint.restore_random_state(content["random"])
        loop.best, loop.seconds = dict(content["best"]), float(content["seconds"])
        loop.iteration, loop.unmeasured = int(content["iter"]), bool(content.get("unmeasured"))
    except (RuntimeError, KeyError, ValueError, TypeError, AttributeError) as error:
        reason = " ".join(str(error).split())[:300]
        raise WeightsError(f"{path}: does not fit this config's model ({reason})") from error
    if loop.average is not None:  # an average that counts nothing yet would start anew from the present weights
        loop.average.n_averaged.fill_(loop.iteration)


def _cpu(state: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v.detach().cpu() for k, v in state.items()}
