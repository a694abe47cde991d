"""The top-level names of a config, from which checks, defaults and the documentation are made; the components there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from lowface_core.config.keywords import Keyword
from lowface_core.registry.bounds import Count, Decay, Natural, NotNegative, Share
from lowface_core.registry.components import RESERVED, Part


class Setting(Keyword):
    """A plain value that the core reads.

    Args:
        annotation: what it may be, as in a component's signature; None is also admitted where it is the default.
        default: value when the config does not say.
        help: one line, with the unit.
    """

    def __init__(self, annotation: Any, default: Any, help: str) -> None:
        super().__init__(annotation, default)
        self.help = help


SETTINGS: dict[str, Setting] = {
    "max_iters": Setting(Count, None, "training iterations (or say max_epochs)"),
    "max_epochs": Setting(Count, None, "passes over the training set, instead of max_iters"),
    "batch_size": Setting(Count, 8, "pictures per iteration and process"),
    "eval_batch_size": Setting(Count, 8, "pictures per batch in validation and test"),
    "accumulate": Setting(Count, 1, "iterations per parameter update (gradient accumulation)"),
    "lr": Setting(NotNegative, 1e-4, "Adam's learning rate"),
    "lr_schedule": Setting(Literal["fixed", "cosine"], "fixed", "fixed, or cosine down to zero at the last iteration"),
    "weight_decay": Setting(Decay, 1e-4, "Adam's weight decay"),
    "grad_clip": Setting(NotNegative | None, 0.1, "largest gradient norm; None: no clipping"),
    "ema": Setting(Share, None, "decay of an exponential moving average of the weights, e.g. 0.999; None: none"),
    "amp": Setting(bool, False, "mixed precision (bfloat16 where the device has it, else float16 with loss scaling)"),
    "seed": Setting(Natural, 1, "seed of initialisation, sample order and every random draw"),
    "device": Setting(str, "auto", "auto, cpu, cuda, cuda:1, mps"),
    "num_workers": Setting(Natural, 0, "loader processes; any number gives the same samples"),
    "val_interval": Setting(Natural, 0, "iterations between validations; 0: only at the end"),
    "log_interval": Setting(Count, 10, "iterations between lines of metrics.jsonl"),
    "checkpoint_interval": Setting(Count, 100, "iterations between saves of the last checkpoint"),
    "sample_interval": Setting(Natural, 100, "iterations between sample panels; 0: only at the end"),
    "samples": Setting(Natural, 4, "pictures on a sample panel"),
    "best": Setting(str, "psnr", "validation metric that picks the best checkpoint"),
    "data_root": Setting(str, None, "folder of the data set; configs write it as {data_root}"),
    "weights_root": Setting(str, None, "folder of weights; configs write it as {weights_root}"),
    "runs_root": Setting(str, "work_dirs", "folder of training runs; configs write it as {runs_root}"),
    "work_dir": Setting(str, None, "where a run writes; default: work_dirs/<config name>"),
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
#: What cannot be done without which sections: training, pretraining, judging, asking heads (``lowface identify``), and
#: comparing methods (``lowface benchmark``).
NEEDED = {
    "train": ("enhancer", "losses", "train_dataset"),
    "pretrain": ("head", "train_dataset"),
    "evaluate": ("metrics",),
    "identify": ("heads",),
    "benchmark": ("methods", "datasets"),
}
#: Of these, what has a length in iterations.
TRAINING = ("train", "pretrain")
#: Keywords of the pretraining task, passed on to it.
TASK = "task"
#: Who learns when, see :mod:`lowface_core.config.phases`.
PHASES = "phases"
#: What the core reads itself in a component's dict, see :data:`lowface_core.registry.components.RESERVED`.
BESIDE = {
    "weight": Setting(float, 1.0, "factor of this loss in the total"),
    "reads": Setting(dict[str, str], {}, "what to read instead, by argument"),
}
#: What ``lowface benchmark`` compares: enhancers and data sets by name, and the method that others are tested against.
COMPARED = ("methods", "datasets", "reference")
TOP_LEVEL = (*ONE, *MANY, TASK, PHASES, *COMPARED, *SETTINGS)


def parts(cfg: Mapping[str, Any]) -> Iterator[Part]:
    """Every part of a config, each before its own parts; one that nobody offers does not hide the others."""
    for section, kind in ONE.items():
        if cfg.get(section) is not None:
            yield from Part.of(kind, cfg[section], section).walk()
    for section, kind in MANY.items():
        entries = cfg.get(section)
        for name, spec in entries.items() if isinstance(entries, Mapping) else ():
            yield from Part.of(kind, spec, f"{section}.{name}", RESERVED.get(kind, ())).walk()
