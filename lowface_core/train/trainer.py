"""``lowface train``: an enhancer, from a checked config to the closing table."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from lowface_core.config.build import build_datasets, build_from, weights_faults
from lowface_core.config.check import check_config
from lowface_core.device import pick
from lowface_core.errors import PluginError
from lowface_core.evaluation.image_quality import evaluate
from lowface_core.evaluation.metric_set import MetricSet, metric_reads
from lowface_core.evaluation.text_table import table_text
from lowface_core.evaluation.trained_heads import described
from lowface_core.files import write_json
from lowface_core.progress import counted
from lowface_core.registry import components
from lowface_core.runs import checkpoint
from lowface_core.runs.memory import peak_memory_mib
from lowface_core.step.head_bank import HeadBank
from lowface_core.step.names import METRICS
from lowface_core.step.wiring import Reads, check_wiring, reads
from lowface_core.train import launch
from lowface_core.train.loop import Loop
from lowface_core.train.model import EnhancementModel
from lowface_core.train.sample_panel import fixed_samples, write_panel
from lowface_core.train.session import Session
from lowface_core.train.turn_faults import check_turns
from lowface_core.train.turns import Turns

DATASETS = ("train_dataset", "val_dataset", "test_dataset")


class Trainer:
    """One training run.

    Everything a user can get wrong is found by the constructor, before the first iteration.

    Args:
        cfg: resolved config (:func:`lowface_core.config.load.load`).
        name: config name, for the default work dir and the message on how to resume.
        resume: None; ``auto`` for the work dir's last checkpoint; or a checkpoint's path.
        launcher: ``none`` or ``pytorch``.

    Raises:
        LowfaceError: config, data, weights, device or work dir will not do; one line per fault.
    """

    def __init__(self, cfg: dict[str, Any], name: str, resume: str | None = None, launcher: str = "none") -> None:
        check_config(cfg, "train")
        self.cfg, self.name = cfg, name
        self.process = launch.start(launcher, pick(cfg["device"]))
        self.device = self.process.device
        torch.manual_seed(cfg["seed"])
        self.enhancer: nn.Module = build_from("enhancer", cfg["enhancer"], "enhancer")
        self.losses = {key: self._loss(key, spec) for key, spec in cfg["losses"].items()}
        self.reads = {
            key: reads(loss.forward, cfg["losses"][key].get("reads"), f"losses.{key}")
            for key, loss in self.losses.items()
        }
        self.datasets = build_datasets(cfg, DATASETS, weights_faults(cfg))
        heads = {k: build_from("head", s, f"heads.{k}") for k, s in (cfg.get("heads") or {}).items()}
        self._check_wiring(heads)
        self.turns = Turns.of(cfg)
        check_turns(self.turns, self.enhancer, heads, self.reads, self.process.world)
        self.bank = HeadBank(heads, self.device, learners=self.turns.heads)
        self.session = Session("train", cfg, name, resume, self.datasets, self.process)
        self.work_dir = self.session.folder.path

    def _loss(self, key: str, spec: Mapping[str, Any]) -> nn.Module:
        loss = build_from("loss", spec, f"losses.{key}", components.RESERVED["loss"])
        if not isinstance(loss, nn.Module):
            raise PluginError(f"losses.{key}: {spec['type']!r} is not a torch module but {type(loss).__name__}")
        return loss.to(self.device)

    def _check_wiring(self, heads: Mapping[str, nn.Module]) -> None:
        """Every name that a loss, metric or head must read is supplied by data, enhancer or heads."""
        outputs = tuple(getattr(self.enhancer, "outputs", ("enhanced",)))
        for section, dataset in self.datasets.items():
            source = f"{section} {self.cfg[section]['type']!r}"
            if section == "train_dataset":
                readers = {f"losses.{key}": what for key, what in self.reads.items()}
                offered = (*outputs, "enhance")
            else:
                offered = outputs
                readers = {f"metrics.{key}": what for key, what in metric_reads(self.cfg.get("metrics")).items()}
            extra = () if section == "train_dataset" else METRICS
            check_wiring(readers, source, dataset.names, offered, heads, extra)

    def _heads_of(self, what: Mapping[str, Reads]) -> set[str]:
        return {name for wanted in what.values() for name in wanted.all if name in self.bank}

    def run(self) -> dict[str, Any]:
        """Trains, evaluates on the test set, writes every file of the work dir.

        Returns:
            the content of ``summary.json``.
        """
        cfg, train = self.cfg, self.datasets["train_dataset"]
        bank = self.bank.prepared_for(train, self._heads_of(self.reads))
        weights = {key: float(spec.get("weight", 1.0)) for key, spec in cfg["losses"].items()}
        model = EnhancementModel(self.enhancer, self.losses, weights, bank, self.reads)
        plain = {**self.session.plain, "enhancer_config": cfg["enhancer"]}
        self.loop = Loop(
            cfg, self.work_dir, model, self.enhancer, train, plain, self._measure, self.process, self.turns
        )
        shown = self.datasets.get("val_dataset") or self.datasets.get("test_dataset")
        self.samples = fixed_samples(shown or train, cfg["samples"]) if self.process.rank == 0 else []
        self._val: tuple[HeadBank, MetricSet] | None = None
        self.session.run(self.loop)
        return self._close() if self.process.rank == 0 else {}

    def _bank_and_metrics(self, dataset: Any) -> tuple[HeadBank, MetricSet]:
        """Heads made ready for a data set, and fresh metrics for it."""
        bank = self.bank.prepared_for(dataset, self._heads_of(metric_reads(self.cfg["metrics"])))
        with torch.random.fork_rng(devices=[]):  # networks of metrics draw when they are made, training must not notice
            heads = described(self.cfg.get("heads") or {}, self.turns.heads)
            return bank, MetricSet(self.cfg["metrics"], dataset.names, self.device, heads)

    def _measure(self, iteration: int) -> None:
        """Panel and validation, where they are due."""
        self.bank.let_learn(None)
        with self.session.measuring(f"measuring at iteration {iteration}"):
            if self.samples and (self.loop.finished or self.loop.due(self.cfg["sample_interval"])):
                path = self.work_dir / "samples" / f"iter_{iteration:06d}.png"
                write_panel(path, self.loop.kept, self.samples, self.device, iteration)
            if self.loop.finished or self.loop.due(self.cfg["val_interval"]):
                self._validate(iteration)

    def _validate(self, iteration: int) -> None:
        cfg, recorder = self.cfg, self.loop.recorder
        if "val_dataset" in self.datasets and cfg.get("metrics") and recorder:
            dataset = self.datasets["val_dataset"]
            if self._val is None:
                self._val = self._bank_and_metrics(dataset)
            bank, metrics = self._val
            metrics.reset()
            table, _ = evaluate(self.loop.kept, dataset, metrics, bank, cfg["eval_batch_size"])
            recorder.line(iteration, "val", dict(table))
            recorder.message(f"validation at iteration {iteration}\n{table_text(table)}")
            self._keep_best(iteration, table)

    def _keep_best(self, iteration: int, table: Mapping[str, Mapping[str, float]]) -> None:
        name = self.cfg["best"]
        value = table["enhanced"].get(name)
        if value is None or not math.isfinite(value):
            return
        assert self._val is not None  # its metrics have just measured
        higher = self._val[1].direction(name) == "higher"
        before = self.loop.best.get("value")
        if before is None or (value > before if higher else value < before):
            self.loop.best = {"metric": name, "value": value, "iter": iteration}
            self.loop.save(checkpoint.BEST)

    def _close(self) -> dict[str, Any]:
        """The closing table, by the best checkpoint where validation picked one, else by the last."""
        best = self.work_dir / checkpoint.BEST
        chosen = best if best.is_file() and self.loop.best else self.work_dir / checkpoint.LAST
        summary: dict[str, Any] = {
            "iterations": self.loop.total,
            "training_seconds": round(self.loop.seconds, 1),
            "checkpoint": chosen.name,
            "best": self.loop.best or None,
        }
        if "test_dataset" in self.datasets and self.cfg.get("metrics"):
            content = checkpoint.load(chosen)
            self.loop.kept.load_state_dict(content["state_dict"])
            for key in self.turns.heads:
                self.bank.heads[key].load_state_dict(content["heads"][key])
            self.bank.let_learn(None)
            dataset = self.datasets["test_dataset"]
            bank, metrics = self._bank_and_metrics(dataset)
            with (
                self.session.measuring("the test set's evaluation"),
                counted("evaluating on the test set", len(dataset)) as advance,
            ):
                summary["test"], summary["columns"] = evaluate(
                    self.loop.kept, dataset, metrics, bank, self.cfg["eval_batch_size"], advance
                )
            summary["pictures"] = len(dataset)
        summary["peak_memory_mib"] = peak_memory_mib()
        if self.device.type == "cuda":
            summary["peak_gpu_memory_mib"] = round(torch.cuda.max_memory_allocated(self.device) / 2**20)
        write_json(self.work_dir / "summary.json", summary)
        return summary


def train(cfg: dict[str, Any], name: str, resume: str | None = None, launcher: str = "none") -> dict[str, Any]:
    """Runs a whole training; see :class:`Trainer`.

    Returns:
        the content of ``summary.json``, with ``work_dir`` added; empty on all but the main process.
    """
    try:
        trainer = Trainer(cfg, name, resume, launcher)
        with contextlib.closing(trainer.session):
            summary = trainer.run()
        return {**summary, "work_dir": str(trainer.work_dir)} if summary else {}
    finally:
        launch.stop()
