"""Judging an enhancer: each metric on the low, the enhanced and the normal picture of every sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from lowface_core import components
from lowface_core.data.batches import evaluation_batches, to_device
from lowface_core.heads.bank import HeadBank
from lowface_core.train.model import run_enhancer
from lowface_core.wiring import Reads, reads

STAGES = ("low", "enhanced", "normal")


def metric_reads(cfg: Mapping[str, Any]) -> dict[str, Reads]:
    """What each metric of a config reads, by config name."""
    return {
        name: reads(components.build_from("metric", spec, f"metrics.{name}").update)
        for name, spec in (cfg.get("metrics") or {}).items()
    }


def stages_of(what: Reads, names: tuple[str, ...]) -> list[str]:
    """Stages a metric is computed for: those the data supply; a full-reference metric not for ``normal`` itself."""
    stages = [s for s in STAGES if s == "enhanced" or s in names]
    return [s for s in stages if not (s == "normal" and "normal" in what.required)]


@torch.no_grad()
def evaluate(
    enhancer: nn.Module,
    dataset: Any,
    metrics: Mapping[str, Any],
    bank: HeadBank,
    batch_size: int,
    advance: Callable[[int], None] = lambda pictures: None,
) -> dict[str, dict[str, float]]:
    """Metrics per stage over a whole data set.

    Args:
        enhancer: in any mode; put in eval mode meanwhile.
        dataset: its items carry ``low``.
        metrics: config section, name → component config.
        bank: heads prepared for this data set, on the device to use.
        advance: called with the number of pictures done, for a progress bar.

    Returns:
        ``{"low": {metric: number}, "enhanced": …, "normal": …}``; a metric that computes several numbers gives each
        under its own name.
    """
    wants = metric_reads({"metrics": metrics})
    built = {
        (stage, name): components.build_from("metric", metrics[name], f"metrics.{name}")
        for name, what in wants.items()
        for stage in stages_of(what, tuple(dataset.names))
    }
    was_training = enhancer.training
    enhancer.eval()
    for host in evaluation_batches(dataset, batch_size):
        batch = to_device(host, bank.device)
        pictures = {**batch, **run_enhancer(enhancer, batch["low"])}
        pictures["enhanced"] = pictures["enhanced"].float().clamp(0, 1)
        names = {**pictures, **bank.bind(pictures)}
        for (stage, name), metric in built.items():
            metric.update(**wants[name].pick({**names, "image": pictures[stage]}))
        advance(len(batch["low"]))
    enhancer.train(was_training)
    table: dict[str, dict[str, float]] = {
        stage: {} for stage in STAGES if stage == "enhanced" or stage in dataset.names
    }
    for (stage, name), metric in built.items():
        value = metric.compute()
        for key, number in value.items() if isinstance(value, Mapping) else [(name, value)]:
            # two metrics of one type in a config: the second writes its numbers under its own name
            table[stage][key if key not in table[stage] else f"{name}/{key}"] = float(number)
    return table


def table_text(table: Mapping[str, Mapping[str, float]]) -> str:
    """The table as aligned text: a line per stage, a column per number."""
    columns = list(dict.fromkeys(c for row in table.values() for c in row))
    lines = ["".join([f"{'':10}", *(f"{c:>12}" for c in columns)])]
    for stage, row in table.items():
        cells = [f"{row[c]:>12.4f}" if c in row else f"{'–':>12}" for c in columns]
        lines.append(f"{stage:10}" + "".join(cells))
    return "\n".join(lines)
