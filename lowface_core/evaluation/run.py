"""Whole evaluations: an enhancer on a config's data set, or pictures in folders; one result folder each."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lowface_core.config.build import build_from
from lowface_core.config.check import check_config
from lowface_core.config.resources import build_datasets, weights_faults, weights_used
from lowface_core.device import pick
from lowface_core.errors import ConfigError
from lowface_core.evaluation import setup
from lowface_core.evaluation.evaluator import Diary, evaluate
from lowface_core.evaluation.folders import Folders
from lowface_core.evaluation.judges import Judges, metric_reads
from lowface_core.inference import LoadedEnhancer
from lowface_core.progress import counted
from lowface_core.runs.folder_choice import choose
from lowface_core.runs.manifest import manifest
from lowface_core.runs.memory import peak_memory_mib
from lowface_core.step.head_bank import HeadBank, check_reader
from lowface_core.step.wiring import check_reads

OPTION = {"normal": "--reference DIR", "low": "--low DIR"}


def evaluate_config(
    cfg: Mapping[str, Any],
    checkpoint: str | None = None,
    split: str = "test",
    title: str | None = None,
    work_dir: str | Path | None = None,
    overwrite: bool = False,
    chosen: bool = False,
) -> dict[str, Any]:
    """Judges an enhancer on a config's data set: low, enhanced and normal pictures, by the config's metrics.

    An interrupted evaluation continues when it is asked for again; a finished one is read back.

    Args:
        cfg: from :func:`lowface_core.evaluation.setup.resolve` or :func:`lowface_core.config.load.load`.
        checkpoint: work dir, checkpoint, state dict file or name of registered weights; None where the config's
            enhancer has no parameters or brings its own.
        split: ``test``, ``val`` or ``train``: which data set of the config.
        title: the method's name in tables and of the default work dir; by default from checkpoint or enhancer.
        work_dir: where the result goes; None: ``work_dirs/evaluate/<title>``, numbered when taken.
        overwrite: compute anew and replace what the folder holds.
        chosen: ``cfg["enhancer"]`` was named by the user and goes before the word of a checkpoint.

    Returns:
        the result, see ``docs/evaluation.md``; ``result["manifest"]["work_dir"]`` is the folder.

    Raises:
        LowfaceError: config, data, weights, device or folder will not do; one line a fault.
    """
    section = f"{split}_dataset"
    if not cfg.get(section):
        others = [f"--split {s}" for s in setup.SPLITS if cfg.get(f"{s}_dataset")]
        raise ConfigError(f"{section}: missing; add it to the config" + (f", or use {others[0]}" if others else ""))
    if checkpoint is None and not chosen:
        raise ConfigError(
            "--checkpoint: missing; give a work dir, a checkpoint or the name of registered weights, or --enhancer "
            "for one that has no parameters"
        )
    cfg = setup.narrowed(cfg, section, checkpoint is None or chosen) | {"enhancer": cfg.get("enhancer")}
    checked = {k: v for k, v in cfg.items() if k != "enhancer" or checkpoint is None or chosen}
    check_config(checked, "evaluate")
    faults = weights_faults(checked)
    dataset = build_datasets({section: setup.without_cache(cfg[section])}, (section,), faults).get(section)
    if faults:
        raise ConfigError("\n".join(faults))
    if checkpoint is None:
        network, name, facts = setup.built_enhancer(cfg), cfg["enhancer"]["type"], {"config": cfg["enhancer"]}
    else:
        network, name, facts = setup.trained_enhancer(cfg, checkpoint, chosen)
    request = {"split": split, "dataset": cfg[section], "enhancer": facts}
    return _measure(title or name, checked, section, dataset, network, request, work_dir, overwrite)


def evaluate_folders(
    enhanced: str | os.PathLike[str],
    reference: str | os.PathLike[str] | None = None,
    low: str | os.PathLike[str] | None = None,
    cfg: Mapping[str, Any] | None = None,
    title: str | None = None,
    work_dir: str | Path | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Judges pictures that lie in a folder, whoever enhanced them.

    Args:
        enhanced: folder of the pictures to judge; subfolders count.
        reference: folder of their normal-light references, paired by name without ending; None: metrics that need
            none.
        low: folder of the low-light pictures, which are then judged, too.
        cfg: settings and metrics from ``setup.resolve(None, metrics="psnr,ssim")``; None: PSNR and SSIM with a
            reference.
        title, work_dir, overwrite: see :func:`evaluate_config`; the title is the folder's name by default.

    Returns:
        the result, see :func:`evaluate_config`.

    Raises:
        LowfaceError: folders that do not match (files are listed), sizes that differ, a metric that needs what is not
            given.
    """
    cfg = setup.narrowed(cfg or setup.resolve(None, metrics="psnr,ssim"), None, False)
    check_config(cfg, "evaluate")
    given = {"enhanced", *(["normal"] if reference is not None else []), *(["low"] if low is not None else [])}
    for name, what in metric_reads(cfg["metrics"]).items():
        for stage, option in OPTION.items():
            if stage in what.required and stage not in given:
                raise ConfigError(f"metrics.{name}: compares with {stage} pictures; add {option}, or leave it out")
    faults = weights_faults(cfg)
    if faults:
        raise ConfigError("\n".join(faults))
    dataset = Folders(enhanced, reference, low)
    name = title or Path(enhanced).expanduser().resolve().name
    return _measure(name, cfg, "folders", dataset, None, {"enhanced": dataset.judged()}, work_dir, overwrite)


def _measure(
    title: str,
    cfg: Mapping[str, Any],
    section: str,
    dataset: Any,
    enhancer: nn.Module | None,
    request: Mapping[str, Any],
    work_dir: str | Path | None,
    overwrite: bool,
) -> dict[str, Any]:
    device = pick(cfg["device"])
    heads = {k: build_from("head", s, f"heads.{k}") for k, s in cfg["heads"].items()}
    enhancer = _check_wiring(cfg, section, dataset, enhancer, heads)
    if enhancer is not None:
        enhancer.to(device)
    request = {
        "title": title,
        **request,
        "data": dataset.fingerprint(),
        **{key: cfg[key] for key in ("metrics", "heads", "seed")},
        "batch_size": cfg["eval_batch_size"],
        "device": str(device),
        "weights": weights_used(cfg),
    }
    with choose("evaluate", title, request, work_dir, overwrite) as folder:
        if folder.finished is not None:
            print(f"{folder.path}: read back; --overwrite computes it anew", file=sys.stderr)
            return folder.finished
        torch.manual_seed(cfg["seed"])
        written = manifest(cfg, {section: dataset}, device)
        judges = Judges(cfg["metrics"], dataset.names, device, cfg["heads"])
        bank = HeadBank(heads, device).prepared_for(dataset)
        diary = Diary(folder, judges, len(dataset), cfg["best"])
        with counted("evaluating", len(dataset)) as advance:
            table, columns = evaluate(enhancer, dataset, judges, bank, cfg["eval_batch_size"], advance, diary)
        written |= {"work_dir": str(folder.path), "peak_memory_mib": peak_memory_mib()}
        result = {
            "kind": "evaluation",
            "title": title,
            "pictures": len(dataset),
            "data": request["data"],
            "manifest": written,
            "columns": columns,
            "table": table,
        }
        return folder.finish(result, diary.thumbnails)


def _check_wiring(
    cfg: Mapping[str, Any], section: str, dataset: Any, enhancer: nn.Module | None, heads: Mapping[str, nn.Module]
) -> nn.Module | None:
    """Every name that a metric or head must read is supplied; the enhancer comes back whole where more is read of it.

    A :class:`LoadedEnhancer` gives the enhanced picture alone, in tiles; a metric that reads another of the enhancer's
    outputs gets the bare network.
    """
    source = f"{section} {cfg[section]['type']!r}" if section in cfg else section
    outputs: Iterable[str] = ()
    wants = metric_reads(cfg["metrics"])
    if isinstance(enhancer, LoadedEnhancer):
        check_reads(section, ["low"], dataset.names, source)
        outputs = tuple(getattr(enhancer.enhancer, "outputs", ("enhanced",)))
        further = {name for what in wants.values() for name in what.all} & (set(outputs) - {"enhanced"})
        enhancer = enhancer.enhancer if further else enhancer
    offered = [*dataset.names, *outputs, *heads]
    for name, what in wants.items():
        check_reader(f"metrics.{name}", what, offered, ["image"], heads, source)
    return enhancer
