"""Checking a config whole, before anything of it is built."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lowface_core.config.settings import MANY, NEEDED, ONE, SETTINGS, TASK, TOP_LEVEL, TRAINING, Setting
from lowface_core.errors import ConfigError, listing, nearest
from lowface_core.registry import components
from lowface_core.registry.loader import plugins
from lowface_core.step.wiring import redirection_faults


def check_config(cfg: Mapping[str, Any], command: str) -> None:
    """Checks top-level keys, every setting, every component and its keywords, and what plugins check themselves.

    Args:
        cfg: a config from :func:`lowface_core.config.load.load`.
        command: what it is to be used for, see :data:`lowface_core.config.settings.NEEDED`.

    Raises:
        ConfigError: one line per fault, each with the path inside the config and the nearest match.
    """
    if command == "pretrain" and isinstance(cfg.get("head"), Mapping):
        cfg = {**cfg, "head": {"weights": "to be made", **cfg["head"]}}  # a head's factory insists on them
    faults = [f"{key}: unknown config key{nearest(key, TOP_LEVEL)}" for key in cfg if key not in TOP_LEVEL]
    faults += [f"{key}: missing; lowface {command} needs it" for key in NEEDED[command] if not cfg.get(key)]
    for key, setting in SETTINGS.items():
        faults += _setting(key, cfg.get(key, setting.default), setting)
    faults += (_length(cfg) if command in TRAINING else []) + _sections(cfg) + _best(cfg, command)
    if not faults:
        faults += plugins().config_faults(cfg)
    if faults:
        raise ConfigError("\n".join(faults))


def purpose(cfg: Mapping[str, Any]) -> str:
    """What a config is for, as :func:`check_config` wants to know it, by the sections it has."""
    if cfg.get("head"):
        return "pretrain"
    if any(cfg.get(section) for section in NEEDED["train"]):
        return "train"
    return next((command for command in ("evaluate", "identify") if cfg.get(NEEDED[command][0])), "train")


def _setting(key: str, value: Any, setting: Setting) -> list[str]:
    if value is None and (setting.default is None or setting.optional):
        return []
    wrong_bool = isinstance(value, bool) and bool not in setting.types
    if not isinstance(value, setting.types) or wrong_bool:
        wanted = " or ".join(t.__name__ for t in setting.types)
        return [f"{key}: must be {wanted}, not {value!r} ({setting.help})"]
    number: Any = value
    if isinstance(value, float) and not math.isfinite(value):
        return [f"{key}: must be a finite number, not {value}"]
    if setting.maximum is not None and number > setting.maximum:
        return [f"{key}: must be at most {setting.maximum}, not {number}"]
    if setting.minimum is not None and number < setting.minimum:
        return [f"{key}: must be at least {setting.minimum}, not {number}"]
    if setting.choices and value not in setting.choices:
        return [f"{key}: must be one of {listing(setting.choices)}, not {value!r}"]
    return []


def _length(cfg: Mapping[str, Any]) -> list[str]:
    if (cfg.get("max_iters") is None) == (cfg.get("max_epochs") is None):
        return ["max_iters: say either max_iters or max_epochs"]
    return []


def _sections(cfg: Mapping[str, Any]) -> list[str]:
    faults = []
    for section, kind in ONE.items():
        if cfg.get(section) is not None:
            faults += components.check(kind, cfg[section], section)
    for section, kind in MANY.items():
        entries = cfg.get(section) or {}
        if not isinstance(entries, Mapping):
            faults.append(f"{section}: must be a dict of named parts, not {entries!r}")
            continue
        for name, spec in entries.items():
            path = f"{section}.{name}"
            reserved = components.RESERVED.get(kind, ())
            own = components.check(kind, spec, path, reserved)
            if "weight" in reserved and isinstance(spec, Mapping):
                faults += _weight(path, spec.get("weight", 1.0))
            if "reads" in reserved and not own:
                own = redirection_faults(kind, components.component_of(kind, spec, path).resolve(), spec, path)
            faults += own
    if not isinstance(cfg.get(TASK) or {}, Mapping):
        faults.append(f"{TASK}: must be a dict of keywords")
    return faults


def _weight(path: str, weight: Any) -> list[str]:
    if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not math.isfinite(weight):
        return [f"{path}.weight: must be a number, not {weight!r}"]
    return []


def _best(cfg: Mapping[str, Any], command: str) -> list[str]:
    metrics = cfg.get("metrics") or {}
    if command == "train" and metrics and cfg.get("best") not in metrics:
        return [
            f"best: {cfg.get('best')!r} is no metric here{nearest(str(cfg.get('best')), metrics)}; {listing(metrics)}"
        ]
    return []
