"""What is to be measured, and how: the config of an evaluation and its metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lowface_core.config import load as loading
from lowface_core.config.settings import SETTINGS
from lowface_core.errors import ConfigError
from lowface_core.evaluation.metric_set import metric_reads
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
