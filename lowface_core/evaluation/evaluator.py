"""Judging an enhancer: each metric on the low, the enhanced and the normal picture of every sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn

from lowface_core.data.batches import evaluation_batches, to_device
from lowface_core.evaluation.metric_set import Columns, MetricSet, Numbers, Table
from lowface_core.inference import outputs_of
from lowface_core.step.head_bank import HeadBank


@torch.no_grad()
def batches(
    enhancer: nn.Module | None, dataset: Any, metrics: MetricSet, bank: HeadBank, batch_size: int, start: int = 0
) -> Iterator[tuple[dict[str, Any], Numbers]]:
    """Shows a data set to the metrics batch by batch; arguments as for :func:`evaluate`.

    Args:
        start: sample to begin with, the end of an earlier batch.

    Yields:
        everything that was made of a batch, by name, and the numbers of each picture, see :meth:`MetricSet.update`.
    """
    was_training = enhancer is not None and enhancer.training
    if enhancer is not None:
        enhancer.eval()
    try:
        for host in evaluation_batches(dataset, batch_size, start):
            names = to_device(host, bank.device)
            if enhancer is not None:
                names |= outputs_of(enhancer, names["low"], names.get("key") or ())
            names["enhanced"] = names["enhanced"].float().clamp(0, 1)
            yield names, metrics.update({**names, **bank.bind(names)})
    finally:
        if enhancer is not None:
            enhancer.train(was_training)


def evaluate(
    enhancer: nn.Module | None,
    dataset: Any,
    metrics: MetricSet,
    bank: HeadBank,
    batch_size: int,
    advance: Callable[[int], None] = lambda pictures: None,
) -> tuple[Table, Columns]:
    """Metrics per stage over a whole data set, in memory that does not grow with it.

    Args:
        enhancer: in any mode; put in eval mode meanwhile. None: the data supply ``enhanced``.
        dataset: its items carry ``low``, or ``enhanced`` where there is no enhancer.
        metrics: fresh or reset.
        bank: heads prepared for this data set, on the device to use.
        advance: called with the number of pictures just done, for a progress bar.

    Returns:
        ``{"low": {column: number}, "enhanced": …, "normal": …}`` and a description of each column, see
        :meth:`MetricSet.compute`.
    """
    for names, _ in batches(enhancer, dataset, metrics, bank, batch_size):
        advance(len(names["enhanced"]))
    return metrics.compute()
