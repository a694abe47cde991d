"""Whole evaluations: an enhancer on a config's data set, or pictures in folders; one result folder each."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lowface_core.config.build import build_datasets, weights_faults
from lowface_core.config.check import check_config
from lowface_core.config.load import apply_options, fill, load
from lowface_core.config.settings import SETTINGS
from lowface_core.errors import ConfigError
from lowface_core.evaluation.folders import Folders
from lowface_core.evaluation.image_quality import ImageQuality
from lowface_core.evaluation.measurement import measure
from lowface_core.evaluation.metric_set import metric_reads
from lowface_core.inference import resolve_enhancer
from lowface_core.registry import components

SPLITS = ("test", "val", "train")
#: Stage of pictures in folders → the option that gives its folder.
OPTION = {"normal": "--reference DIR", "low": "--low DIR"}


def parse_metrics(text: str, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """``psnr,ssim:valid`` → config section of metrics; a leading ``+`` adds to the known ones instead of replacing.

    ``name:variant`` stands for ``dict(type=name, variant=variant)`` and becomes a column of that whole name. A bare
    name that the known metrics have keeps their keywords.

    Raises:
        ConfigError: an entry is empty or stands there twice.
    """
    known = dict(known or {})
    chosen = dict(known) if text.startswith("+") else {}
    listed: list[str] = []
    for entry in text.removeprefix("+").split(","):
        name, colon, variant = entry.strip().partition(":")
        if not name or (colon and not variant):
            raise ConfigError(f"--metrics {text}: write it as name or name:variant, separated by commas")
        column = f"{name}:{variant}" if colon else name
        if column in listed:
            raise ConfigError(f"--metrics {text}: {column!r} stands there twice")
        listed.append(column)
        bare = known.get(column, {"type": name})
        chosen[column] = {**known.get(name, {"type": name}), "variant": variant} if colon else bare
    return chosen


def resolve(
    config: str | None,
    options: Iterable[str] = (),
    overrides: Mapping[str, Any] | None = None,
    metrics: str | None = None,
    enhancer: str | None = None,
) -> dict[str, Any]:
    """The config of an evaluation.

    Args:
        config: file or shipped name; None: settings at their defaults, with the metrics alone.
        options: ``--cfg-options``; those below ``metrics`` and ``enhancer`` apply to what the next arguments choose.
        overrides: top-level settings.
        metrics: see :func:`parse_metrics`.
        enhancer: name of another enhancer than the config's.

    Raises:
        ConfigError: the config cannot be read, or an option leads nowhere.
    """
    options = list(options)
    late = [o for o in options if o.startswith(("metrics.", "enhancer."))]
    early = [o for o in options if o not in late]
    cfg = load(config, early, overrides)
    if metrics is not None:
        cfg["metrics"] = parse_metrics(metrics, cfg.get("metrics"))
    if enhancer is not None:
        cfg["enhancer"] = {"type": enhancer}
    apply_options(cfg, late)
    return fill(cfg)


def narrowed(cfg: Mapping[str, Any], section: str | None, with_enhancer: bool) -> dict[str, Any]:
    """The part of a config that an evaluation uses: settings, one data set, metrics and the heads that they read."""
    part = {key: cfg[key] for key in SETTINGS if key in cfg}
    part["metrics"] = dict(cfg.get("metrics") or {})
    if section is not None:
        part[section] = cfg[section]
    if with_enhancer:
        part["enhancer"] = cfg.get("enhancer")
    read = {name for what in metric_reads(part["metrics"]).values() for name in what.all}
    part["heads"] = {key: spec for key, spec in (cfg.get("heads") or {}).items() if key in read}
    return part


def without_cache(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A data set's config with its picture cache off, unless it says otherwise: an evaluation sees a picture once."""
    factory = components.component_of("dataset", spec, "dataset").resolve()
    return {"cache": False, **spec} if "cache" in components.parameters(factory) else dict(spec)


def evaluate_config(
    cfg: Mapping[str, Any],
    checkpoint: str | None = None,
    split: str = "test",
    title: str | None = None,
    work_dir: str | Path | None = None,
    overwrite: bool = False,
    chosen: bool = False,
) -> dict[str, Any]:
    """Measures an enhancer on a config's data set: low, enhanced and normal pictures, by the config's metrics.

    An interrupted evaluation continues when it is started again; a finished one is read back.

    Args:
        cfg: from :func:`resolve` or :func:`lowface_core.config.load.load`.
        checkpoint: work dir, checkpoint, state dict file or name of registered weights; None where the config's
            enhancer has no parameters or brings its own.
        split: ``test``, ``val`` or ``train``: which data set of the config.
        title: the method's name in tables and of the default work dir; by default from checkpoint or enhancer.
        work_dir: where the result goes; None: ``work_dirs/evaluate/<title>``, numbered when taken.
        overwrite: compute anew and replace what the folder holds.
        chosen: ``cfg["enhancer"]`` was named by the user and goes before what a checkpoint says of itself.

    Returns:
        the result, see ``docs/evaluation.md``; ``result["manifest"]["work_dir"]`` is the folder.

    Raises:
        LowfaceError: config, data, weights, device or folder will not do; one line a fault.
    """
    section = f"{split}_dataset"
    if not cfg.get(section):
        others = [f"--split {s}" for s in SPLITS if cfg.get(f"{s}_dataset")]
        raise ConfigError(f"{section}: missing; add it to the config" + (f", or use {others[0]}" if others else ""))
    if checkpoint is None and not chosen:
        raise ConfigError(
            "--checkpoint: missing; give a work dir, a checkpoint or the name of registered weights, or --enhancer "
            "for one that has no parameters"
        )
    own = checkpoint is None or chosen  # the config's enhancer is used, so it is checked
    cfg = narrowed(cfg, section, own) | {"enhancer": cfg.get("enhancer")}
    checked = {k: v for k, v in cfg.items() if k != "enhancer" or own}
    check_config(checked, "evaluate")
    data = {section: without_cache(cfg[section])}
    dataset = build_datasets(data, (section,), weights_faults(checked))[section]
    spec = cfg["enhancer"]
    enhancer = resolve_enhancer(checkpoint, spec if own else None, cfg["device"], spec)
    request = {"split": split, "dataset": cfg[section], "enhancer": enhancer.identity}
    name, network = title or enhancer.title, enhancer.network
    quality = ImageQuality(name, checked, section, dataset, network, request, trained=enhancer.heads)
    return measure(quality, work_dir, overwrite)


def evaluate_folders(
    enhanced: str | os.PathLike[str],
    reference: str | os.PathLike[str] | None = None,
    low: str | os.PathLike[str] | None = None,
    cfg: Mapping[str, Any] | None = None,
    title: str | None = None,
    work_dir: str | Path | None = None,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Measures pictures that lie in a folder, whoever enhanced them.

    Args:
        enhanced: folder of the pictures to judge; subfolders count.
        reference: folder of their normal-light references, paired by name without ending; None: metrics that need
            none.
        low: folder of the low-light pictures, which are then measured, too.
        cfg: settings and metrics from ``resolve(None, metrics="psnr,ssim")``; None: PSNR and SSIM with a
            reference.
        title, work_dir, overwrite: see :func:`evaluate_config`; the title is the folder's name by default.

    Returns:
        the result, see :func:`evaluate_config`.

    Raises:
        LowfaceError: folders that do not match (files are listed), sizes that differ, a metric that needs what is not
            given.
    """
    cfg = narrowed(cfg or resolve(None, metrics="psnr,ssim"), None, False)
    check_config(cfg, "evaluate")
    given = {"enhanced", *(["normal"] if reference is not None else []), *(["low"] if low is not None else [])}
    for name, what in metric_reads(cfg["metrics"]).items():
        for stage, option in OPTION.items():
            if stage in what.required and stage not in given:
                raise ConfigError(f"metrics.{name}: compares with {stage} pictures; add {option}, or leave it out")
    if faults := weights_faults(cfg):
        raise ConfigError("\n".join(faults))
    dataset = Folders(enhanced, reference, low)
    name = title or Path(enhanced).expanduser().resolve().name
    quality = ImageQuality(name, cfg, "folders", dataset, None, {"enhanced": dataset.version()})
    return measure(quality, work_dir, overwrite)
