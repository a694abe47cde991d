"""Each metric on the low, the enhanced and the normal picture of every sample; what ``lowface evaluate`` measures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from lowface_core.config.build import build_from, weights_used
from lowface_core.data.batches import evaluation_batches, to_device
from lowface_core.device import pick
from lowface_core.evaluation.metric_set import Columns, MetricSet, Numbers, Table, metric_reads
from lowface_core.evaluation.trained_heads import described, take_over
from lowface_core.inference import LoadedEnhancer, outputs_of
from lowface_core.runs.manifest import manifest
from lowface_core.runs.result_folder import ResultFolder
from lowface_core.runs.results import STAGES
from lowface_core.runs.thumbnails import spread
from lowface_core.step.head_bank import HeadBank
from lowface_core.step.names import METRICS
from lowface_core.step.wiring import check_wiring


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
            names["enhanced"] = names["enhanced"].float()
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


class ImageQuality:
    """A :class:`lowface_core.evaluation.measurement.Measurement`.

    Args:
        title: the method's name.
        cfg: settings, metrics, and the heads that they read.
        section: which data set of a config it is, for messages and the manifest.
        dataset: what is measured.
        enhancer: None where the data supply ``enhanced``.
        request: what identifies data and enhancer beside title and config.
        stages: which stages are measured, of those that the data supply.
        trained: state dicts of heads that learned with the enhancer, by config key.

    Raises:
        ConfigError: a metric or head reads a name that nobody supplies.
    """

    command, label = "evaluate", "evaluating"

    def __init__(
        self,
        title: str,
        cfg: Mapping[str, Any],
        section: str,
        dataset: Any,
        enhancer: nn.Module | None,
        request: Mapping[str, Any],
        stages: Sequence[str] = STAGES,
        trained: Mapping[str, Any] | None = None,
    ) -> None:
        self.title, self.cfg, self.section, self.dataset = title, cfg, section, dataset
        self.total, self.seed = len(dataset), cfg["seed"]
        self._request = {**request, **({} if tuple(stages) == STAGES else {"stages": list(stages)})}
        self.stages = tuple(stages)
        self._device = pick(cfg["device"])
        self._heads = {k: build_from("head", s, f"heads.{k}") for k, s in cfg["heads"].items()}
        self._trained = take_over(self._heads, trained or {}, title)
        self._enhancer = self._wired(enhancer)

    def _wired(self, enhancer: nn.Module | None) -> nn.Module | None:
        """Every name that a metric or head reads is supplied; the enhancer comes back whole where more is read of it.

        A :class:`LoadedEnhancer` gives the enhanced picture alone, in tiles; a metric that reads another of the
        enhancer's outputs gets the bare network.
        """
        cfg, section, names = self.cfg, self.section, self.dataset.names
        source = f"{section} {cfg[section]['type']!r}" if section in cfg else section
        outputs: Iterable[str] = ()
        wants = metric_reads(cfg["metrics"])
        if isinstance(enhancer, LoadedEnhancer):
            outputs = tuple(getattr(enhancer.enhancer, "outputs", ("enhanced",)))
            further = {name for what in wants.values() for name in what.all} & (set(outputs) - {"enhanced"})
            enhancer = enhancer.enhancer if further else enhancer
        readers = {f"metrics.{name}": what for name, what in wants.items()}
        check_wiring(readers, source, names, outputs, self._heads, METRICS)
        return enhancer

    def request(self) -> dict[str, Any]:
        return {
            "title": self.title,
            **self._request,
            "data": self.dataset.fingerprint(),
            **{key: self.cfg[key] for key in ("metrics", "heads", "seed")},
            "batch_size": self.cfg["eval_batch_size"],
            "device": str(self._device),
            "weights": weights_used(self.cfg),
        }

    def manifest(self) -> dict[str, Any]:
        return manifest(self.cfg, {self.section: self.dataset}, self._device)

    def prepare(self) -> None:
        heads = described(self.cfg["heads"], self._trained)
        self._metrics = MetricSet(self.cfg["metrics"], self.dataset.names, self._device, heads, self.stages)
        self._bank = HeadBank(self._heads, self._device).prepared_for(self.dataset)
        if self._enhancer is not None:
            self._enhancer.to(self._device)

    def stateless(self) -> list[str]:
        return self._metrics.stateless

    def state(self) -> dict[str, Any]:
        return self._metrics.state()

    def load_state(self, state: Mapping[str, Any]) -> None:
        self._metrics.load_state(state)

    def batches(self, start: int, folder: ResultFolder) -> Iterator[int]:
        samples, done = spread(self.total), start
        size = self.cfg["eval_batch_size"]
        judged = "enhanced" if "enhanced" in self.stages else self.stages[0]
        for names, numbers in batches(self._enhancer, self.dataset, self._metrics, self._bank, size, start):
            rows = {stage: {column: v.tolist() for column, v in row.items()} for stage, row in numbers.items()}
            count = len(names["enhanced"])
            for place, key in enumerate(names.get("key") or map(str, range(done, done + count))):
                own = {stage: {column: v[place] for column, v in row.items()} for stage, row in rows.items()}
                folder.line({"key": key, **own})
                pictures = {stage: names[stage][place] for stage in numbers}
                if done + place in samples:
                    folder.thumbnails.offer("sample", key, pictures, own[judged])
                self._offer_worst(folder, key, pictures, own[judged])
            done += count
            yield count

    def _offer_worst(
        self, folder: ResultFolder, key: str, pictures: Mapping[str, Tensor], numbers: Mapping[str, float]
    ) -> None:
        """By the config's ``best`` metric, or the first that gives each picture's number."""
        column = self.cfg["best"] if self.cfg["best"] in numbers else next(iter(numbers), None)
        if column is not None:
            sign = -1 if self._metrics.direction(column) == "higher" else 1
            folder.thumbnails.offer("worst", key, pictures, numbers, f"by {column}", score=sign * numbers[column])

    def result(self, folder: ResultFolder) -> dict[str, Any]:
        table, columns = self._metrics.compute()
        content = {"kind": "evaluation", "pictures": self.total, "data": self.dataset.fingerprint()}
        return {**content, "columns": columns, "table": table}
