"""``lowface pretrain``: trains a head's network with the task its plugin registered, for later use as a frozen head."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from lowface_core.config.build import build_datasets
from lowface_core.config.check import check_config
from lowface_core.device import pick
from lowface_core.errors import ConfigError
from lowface_core.files import write_json, write_whole
from lowface_core.registry import components
from lowface_core.registry.registration import import_reference
from lowface_core.train import launch
from lowface_core.train.loop import Loop
from lowface_core.train.model import TaskModel
from lowface_core.train.session import Session
from lowface_core.weights.record import sha256_of

WEIGHTS, RECORD = "weights.safetensors", "record.json"


class Pretrainer:
    """One pretraining run.

    Args:
        cfg: resolved config with ``head`` (without weights), ``task`` keywords, ``train_dataset``, ``test_dataset``.
        config: the config as the command line named it; its stem names the default work dir.
        resume: None, ``auto``, or a checkpoint's path.

    Raises:
        LowfaceError: config, data, device or work dir will not do.
    """

    def __init__(self, cfg: dict[str, Any], config: str, resume: str | None = None) -> None:
        self.cfg, self.config = cfg, config
        check_config(cfg, "pretrain")
        component = components.component_of("head", cfg["head"], "head")
        if component.pretrain is None:
            raise ConfigError(
                f"head.type: plugin {component.plugin} registered no pretraining task for {component.name!r}"
            )
        process = launch.start("none", pick(cfg["device"]))
        self.datasets = build_datasets(cfg, ("train_dataset", "test_dataset"))
        torch.manual_seed(cfg["seed"])
        head = {k: v for k, v in cfg["head"].items() if k not in ("type", "weights")}
        task = import_reference(component.pretrain, f"pretraining task of head {component.name!r}")
        try:
            self.task = task(head, self.datasets["train_dataset"], **(cfg.get("task") or {}))
        except TypeError as error:
            raise ConfigError(f"task: {error}") from error
        self.session = Session("pretrain", cfg, Path(config).stem, resume, self.datasets, process)
        self.work_dir = self.session.folder.path

    def run(self) -> dict[str, Any]:
        """Trains, evaluates on the test set, writes ``weights.safetensors`` and ``record.json``.

        Returns:
            the record.
        """
        from safetensors.torch import save_file

        train, plain, process = self.datasets["train_dataset"], self.session.plain, self.session.process
        loop = Loop(self.cfg, self.work_dir, TaskModel(self.task), self.task, train, plain, None, process)
        self.session.run(loop)
        state = {k: v.detach().cpu().contiguous() for k, v in loop.kept.state().items()}
        write_whole(self.work_dir / WEIGHTS, lambda part: save_file(state, part))
        scores: Mapping[str, Any] = {}
        if "test_dataset" in self.datasets:
            print("evaluating on the test set", file=sys.stderr)
            loop.kept.eval()
            with torch.no_grad(), self.session.measuring("the test set's evaluation"):
                scores = loop.kept.evaluate(self.datasets["test_dataset"], process.device, self.cfg["eval_batch_size"])
        facts = self.session.facts
        record = {
            "command": f"lowface pretrain {self.config}",
            "head": self.cfg["head"],
            "seed": self.cfg["seed"],
            "iterations": loop.total,
            "training_seconds": round(loop.seconds, 1),
            "parameters": sum(v.numel() for v in state.values()),
            "data": facts["data"],
            "packages": {k: facts["packages"][k] for k in ("torch", "mmengine", "mmsegmentation")},
            "lowface": facts["lowface"],
            "sha256": sha256_of(self.work_dir / WEIGHTS),
            "scores": scores,
        }
        write_json(self.work_dir / RECORD, record)
        return record


def pretrain(cfg: dict[str, Any], config: str, resume: str | None = None) -> dict[str, Any]:
    """Runs a whole pretraining; see :class:`Pretrainer`.

    Returns:
        the content of ``record.json``, with ``work_dir`` added.
    """
    pretrainer = Pretrainer(cfg, config, resume)
    with contextlib.closing(pretrainer.session):
        return {**pretrainer.run(), "work_dir": str(pretrainer.work_dir)}
