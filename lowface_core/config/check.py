"""Checking a config whole, before anything of it is built. Every fault is found in one go, a line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lowface_core.config.keywords import REQUIRED, Keyword, keywords
from lowface_core.config.phases import phase_faults
from lowface_core.config.settings import BESIDE, MANY, NEEDED, SETTINGS, TASK, TOP_LEVEL, TRAINING, parts
from lowface_core.errors import ConfigError, PluginError, listing, nearest
from lowface_core.registry.components import Part, takes_anything
from lowface_core.registry.loader import plugins
from lowface_core.registry.registration import import_reference
from lowface_core.step.wiring import redirection_faults


def check_config(cfg: Mapping[str, Any], command: str) -> None:
    """Checks top-level keys, every setting, every component and its keywords, and what plugins check themselves.

    Args:
        cfg: a config from :func:`lowface_core.config.load.load`.
        command: what it is to be used for, see :data:`lowface_core.config.settings.NEEDED`.

    Raises:
        ConfigError: one line per fault, each with the path inside the config and the nearest match.
        PluginError: a plugin's own check failed on a config in which nothing else is wrong.
    """
    if command == "pretrain" and isinstance(cfg.get("head"), Mapping):
        cfg = {**cfg, "head": {"weights": "to be made", **cfg["head"]}}  # a head's factory insists on them
    faults = [f"{key}: unknown config key{nearest(key, TOP_LEVEL)}" for key in cfg if key not in TOP_LEVEL]
    faults += [f"{key}: missing; lowface {command} needs it" for key in NEEDED[command] if not cfg.get(key)]
    for key, setting in SETTINGS.items():
        fault = setting.fault(key, cfg.get(key, setting.default))
        faults += [f"{fault} ({setting.help})"] if fault else []
    if command in TRAINING and (cfg.get("max_iters") is None) == (cfg.get("max_epochs") is None):
        faults.append("max_iters: say either max_iters or max_epochs")
    for section in (*MANY, TASK):
        if cfg.get(section) is not None and not isinstance(cfg[section], Mapping):
            faults.append(f"{section}: must be a dict of named parts, not {cfg[section]!r}")
    for part in parts(cfg):
        faults += part_faults(part)
        if part.path == "head" and isinstance(task := cfg.get(TASK) or {}, Mapping):
            faults += _task(part, task)
    faults += _best(cfg, command)
    faults += phase_faults(cfg) if command == "train" else []
    try:
        faults += plugins().config_faults(cfg)
    except PluginError:
        if not faults:  # a plugin may stumble over what has been found above
            raise
    if faults:
        raise ConfigError("\n".join(dict.fromkeys(faults)))


def purpose(cfg: Mapping[str, Any]) -> str:
    """What a config is for, as :func:`check_config` wants to know it, by the sections it has."""
    if cfg.get("head"):
        return "pretrain"
    if any(cfg.get(section) for section in NEEDED["train"]):
        return "train"
    return next((command for command in ("evaluate", "identify", "benchmark") if cfg.get(NEEDED[command][0])), "train")


def part_faults(part: Part) -> list[str]:
    """Faults of one component's config without those of its parts: keywords unknown, missing, or of a wrong value."""
    if part.component is None:
        return [str(part.error)]
    try:
        factory = part.component.resolve()
    except PluginError as error:
        return [f"{part.path}: {error}"]
    given = part.arguments()
    who = f"{part.kind} {part.component.name!r}"
    held = {key: BESIDE[key] for key in part.reserved}
    faults = list(_unknown(given, [*keywords(factory), *held], part.path, who) if not takes_anything(factory) else ())
    for name, keyword in {**keywords(factory), **held}.items():
        path, kind = f"{part.path}.{name}", part.component.parts.get(name)
        value = part.spec.get(name, REQUIRED) if name in held else given.get(name, REQUIRED)
        if value is REQUIRED:
            if keyword.default is REQUIRED:
                offered = part.component.weights if name == "weights" else {}
                offer = f" (a file, or one of: {listing(offered)})" if offered else ""
                faults.append(f"{path}: missing; {who} needs it{offer}")
        elif kind is None:
            faults += filter(None, [keyword.fault(path, value)])
        elif not isinstance(kind, str):
            faults += filter(None, [Keyword(list[Any], keyword.default).fault(path, value)])
        elif value is None and keyword.default is not None:
            faults.append(f"{path}: must be a dict such as dict(type=…), not None")
    if "reads" in held and held["reads"].fault("reads", part.spec.get("reads", {})) is None:
        faults += redirection_faults(part.kind, factory, part.spec, part.path)
    return faults


def check_component(kind: str, spec: Any, path: str, reserved: tuple[str, ...] = ()) -> list[str]:
    """Faults of one component's config and of its parts, one line each.

    Args:
        reserved: keys of the dict that the core reads itself (a loss's ``weight``).
    """
    return [fault for part in Part.of(kind, spec, path, reserved).walk() for fault in part_faults(part)]


def _unknown(given: Mapping[str, Any], known: list[str], path: str, who: str) -> Iterator[str]:
    for key in given:
        if key not in known:
            yield f"{path}.{key}: {who} takes no such keyword{nearest(key, known)}; it takes: {listing(known)}"


def _task(part: Part, given: Mapping[str, Any]) -> list[str]:
    """Faults of the keywords of a head's pretraining task, which follow the head's config and the data set."""
    reference = part.component.pretrain if part.component else None
    if reference is None:
        return []
    try:
        task = import_reference(reference, f"pretraining task of head {part.spec['type']!r}")
    except PluginError as error:
        return [f"{TASK}: {error}"]
    known = dict(list(keywords(task).items())[2:])
    faults = [] if takes_anything(task) else list(_unknown(given, list(known), TASK, "the task"))
    return faults + [f for key, k in known.items() if key in given and (f := k.fault(f"{TASK}.{key}", given[key]))]


def _best(cfg: Mapping[str, Any], command: str) -> list[str]:
    metrics, best = cfg.get("metrics"), str(cfg.get("best"))
    if command == "train" and isinstance(metrics, Mapping) and metrics and best not in metrics:
        return [f"best: {best!r} is not a metric here{nearest(best, metrics)}; {listing(metrics)}"]
    return []
