"""The top-level names of a config: one record each, from which checks, defaults and the documentation are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NUMBER = (int, float)


@dataclass(frozen=True)
class Setting:
    """A plain top-level value.

    Attributes:
        types: what it may be; ``None`` is always allowed where the default is None.
        default: value when the config does not say.
        help: one line, with the unit.
        minimum: smallest allowed number.
        choices: allowed values, if only these.
        maximum: largest allowed number.
        optional: whether None is allowed although it is not the default.
    """

    types: tuple[type, ...]
    default: Any
    help: str
    minimum: float | None = None
    choices: tuple[str, ...] = ()
    maximum: float | None = None
    optional: bool = False


SETTINGS: dict[str, Setting] = {
    "max_iters": Setting((int,), None, "training iterations (or say max_epochs)", 1),
    "max_epochs": Setting((int,), None, "passes over the training set, instead of max_iters", 1),
    "batch_size": Setting((int,), 8, "pictures per iteration and process", 1),
    "eval_batch_size": Setting((int,), 8, "pictures per batch in validation and test", 1),
    "accumulate": Setting((int,), 1, "iterations per parameter update (gradient accumulation)", 1),
    "lr": Setting(NUMBER, 1e-4, "Adam's learning rate", 0),
    "lr_schedule": Setting(
        (str,), "fixed", "fixed, or cosine down to zero at the last iteration", None, ("fixed", "cosine")
    ),
    "weight_decay": Setting(NUMBER, 1e-4, "Adam's weight decay", 0),
    "grad_clip": Setting(NUMBER, 0.1, "largest gradient norm; None: no clipping", 0, optional=True),
    "ema": Setting(
        NUMBER, None, "decay of an exponential moving average of the weights, e.g. 0.999; None: none", 0, maximum=1
    ),
    "amp": Setting(
        (bool,), False, "mixed precision (bfloat16 where the device has it, else float16 with loss scaling)"
    ),
    "seed": Setting((int,), 1, "seed of initialisation, sample order and every random draw", 0),
    "device": Setting((str,), "auto", "auto, cpu, cuda, cuda:1, mps"),
    "num_workers": Setting((int,), 0, "loader processes; any number gives the same samples", 0),
    "val_interval": Setting((int,), 0, "iterations between validations; 0: only at the end", 0),
    "log_interval": Setting((int,), 10, "iterations between lines of metrics.jsonl", 1),
    "checkpoint_interval": Setting((int,), 100, "iterations between saves of the last checkpoint", 1),
    "sample_interval": Setting((int,), 100, "iterations between sample panels; 0: only at the end", 0),
    "samples": Setting((int,), 4, "pictures on a sample panel", 0),
    "best": Setting((str,), "psnr", "validation metric that picks the best checkpoint"),
    "data_root": Setting((str,), None, "folder of the data set; configs write it as {data_root}"),
    "weights_root": Setting((str,), None, "folder of weights; configs write it as {weights_root}"),
    "work_dir": Setting((str,), None, "where a run writes; default: work_dirs/<config name>"),
}

#: Sections that hold one component: section → kind.
ONE: dict[str, str] = {
    "enhancer": "enhancer",
    "head": "head",
    "train_dataset": "dataset",
    "val_dataset": "dataset",
    "test_dataset": "dataset",
}
#: Sections that hold several components by name: section → kind.
MANY: dict[str, str] = {"heads": "head", "losses": "loss", "metrics": "metric"}
#: What cannot be done without which sections: training, pretraining, judging, and asking heads (``lowface identify``).
NEEDED = {
    "train": ("enhancer", "losses", "train_dataset"),
    "pretrain": ("head", "train_dataset"),
    "evaluate": ("metrics",),
    "identify": ("heads",),
}
#: Of these, what has a length in iterations.
TRAINING = ("train", "pretrain")
#: Keywords of the pretraining task, passed on to it.
TASK = "task"
TOP_LEVEL = (*ONE, *MANY, TASK, *SETTINGS)
