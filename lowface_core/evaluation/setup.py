"""What is to be judged, and how: the config of an evaluation, its metrics, the enhancer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from torch import nn

from lowface_core.config import load as loading
from lowface_core.config.build import build_from
from lowface_core.config.settings import SETTINGS
from lowface_core.errors import ConfigError, WeightsError
from lowface_core.evaluation.judges import metric_reads
from lowface_core.registry import components

SPLITS = ("test", "val", "train")


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
    if config is None:
        cfg: dict[str, Any] = {key: setting.default for key, setting in SETTINGS.items()}
        loading.apply_options(cfg, early)
        cfg.update({k: v for k, v in (overrides or {}).items() if v is not None})
        cfg = loading.fill(cfg, cfg)
    else:
        cfg = loading.load(config, early, overrides)
    if metrics is not None:
        cfg["metrics"] = parse_metrics(metrics, cfg.get("metrics"))
    if enhancer is not None:
        cfg["enhancer"] = {"type": enhancer}
    loading.apply_options(cfg, late)
    return loading.fill(cfg, cfg)


def narrowed(cfg: Mapping[str, Any], section: str | None, with_enhancer: bool) -> dict[str, Any]:
    """The part of a config that an evaluation uses: settings, one data set, metrics and the heads that they ask."""
    part = {key: cfg[key] for key in SETTINGS if key in cfg}
    part["metrics"] = dict(cfg.get("metrics") or {})
    if section is not None:
        part[section] = cfg[section]
    if with_enhancer:
        part["enhancer"] = cfg.get("enhancer")
    asked = {name for what in metric_reads(part["metrics"]).values() for name in what.all}
    part["heads"] = {key: spec for key, spec in (cfg.get("heads") or {}).items() if key in asked}
    return part


def without_cache(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A data set's config with its picture cache off, unless it says otherwise: an evaluation sees a picture once."""
    factory = components.component_of("dataset", spec, "dataset").resolve()
    return {"cache": False, **spec} if "cache" in components.parameters(factory) else dict(spec)


def built_enhancer(cfg: Mapping[str, Any]) -> nn.Module:
    """The config's enhancer without a checkpoint: one that has no parameters, or whose ``weights=`` brings them.

    Raises:
        WeightsError: it would be untrained.
    """
    from lowface_core.inference import LoadedEnhancer

    spec = cfg["enhancer"]
    network: nn.Module = build_from("enhancer", spec, "enhancer")
    if "weights" not in spec and any(True for _ in network.parameters()):
        raise WeightsError(f"enhancer: {spec['type']!r} would be an untrained network; add --checkpoint")
    return LoadedEnhancer(network).eval().requires_grad_(False)


def trained_enhancer(cfg: Mapping[str, Any], checkpoint: str, chosen: bool) -> tuple[nn.Module, str, dict[str, Any]]:
    """An enhancer from a checkpoint, a work dir, or by the name of its registered weights.

    Args:
        cfg: its ``enhancer`` says what network a bare state dict belongs to.
        checkpoint: see :func:`lowface_core.inference.load_enhancer`.
        chosen: whether the user named the enhancer; else a checkpoint's own word goes before the config's.

    Returns:
        the network, the method's name, and what identifies it.

    Raises:
        LowfaceError: no such checkpoint, or it does not fit.
    """
    from lowface_core.inference import load_enhancer
    from lowface_core.runs.checkpoint import BEST, LAST, in_work_dir
    from lowface_core.weights.state_dict import read_file
    from lowface_core.weights.store import sha256_of

    path = Path(checkpoint).expanduser()
    if path.is_dir():
        path = in_work_dir(path, (BEST, LAST))
    if not path.is_file():
        spec = cfg.get("enhancer") if chosen else None
        return load_enhancer(checkpoint, spec, cfg["device"]), checkpoint, {"name": checkpoint, "config": spec}
    content = read_file(path)
    own = isinstance(content, Mapping) and "enhancer_config" in content
    spec = cfg.get("enhancer") if chosen or not own else None
    title = path.resolve().parent.name if path.name in (BEST, LAST) else path.stem
    return load_enhancer(path, spec, cfg["device"]), title, {"sha256": sha256_of(path), "config": spec}
