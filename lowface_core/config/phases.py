"""``phases`` of a config: who learns when, and by which losses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lowface_core.config.keywords import REQUIRED, Schema
from lowface_core.config.settings import PHASES, Setting
from lowface_core.errors import listing, nearest
from lowface_core.registry.bounds import Count, NotNegative

ENHANCER, HEADS = "enhancer", "heads."
#: Keys of one phase.
FIELDS: dict[str, Setting] = {
    "train": Setting(str, REQUIRED, "who learns: enhancer, or heads.NAME; everybody else is frozen meanwhile"),
    "iters": Setting(Count, REQUIRED, "iterations of one turn; the phases take turns until the run's end"),
    "losses": Setting(list[str], None, "names of the losses that count meanwhile; None: all"),
    "lr": Setting(NotNegative, None, "Adam's learning rate in this phase, which has an Adam of its own; None: `lr`"),
}


def phase_faults(cfg: Mapping[str, Any]) -> list[str]:
    """Faults of a config's phases, a line each; no phases are no fault."""
    phases = cfg.get(PHASES)
    if phases is None:
        return []
    if not isinstance(phases, (list, tuple)) or not phases:
        return [f"{PHASES}: must be a list of at least one dict(train=…, iters=…), not {phases!r}"]
    faults = [fault for place, phase in enumerate(phases) for fault in _faults(phase, f"{PHASES}[{place}]", cfg)]
    return faults or list(_unheard(phases, _names(cfg, "losses")))


def _names(cfg: Mapping[str, Any], section: str) -> list[str]:
    entries = cfg.get(section)
    return list(entries) if isinstance(entries, Mapping) else []


def _faults(phase: Any, path: str, cfg: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(phase, Mapping):
        yield f"{path}: must be a dict such as dict(train='enhancer', iters=100), not {phase!r}"
        return
    for key in phase:
        if key not in FIELDS:
            yield f"{path}.{key}: a phase takes no such key{nearest(key, FIELDS)}; it takes: {listing(FIELDS)}"
    found = {}
    for key, field in FIELDS.items():
        value = phase.get(key, field.default)
        fault = f"{path}.{key}: missing ({field.help})" if value is REQUIRED else field.fault(f"{path}.{key}", value)
        found[key] = fault
        if fault:
            yield fault
    learners = [ENHANCER, *(HEADS + name for name in _names(cfg, "heads"))]
    if not found["train"] and phase["train"] not in learners:
        hint = nearest(phase["train"], learners)
        yield f"{path}.train: {phase['train']!r} is nobody here{hint}; who may learn: {listing(learners)}"
    losses = _names(cfg, "losses")
    if not found["losses"] and phase.get("losses") is not None:
        for name in phase["losses"]:
            if name not in losses:
                yield f"{path}.losses: {name!r} is no loss here{nearest(name, losses)}; {listing(losses)}"
        if not phase["losses"]:
            yield f"{path}.losses: none is named; leave it out for all of them"
    accumulate = cfg.get("accumulate", 1)
    if not found["iters"] and isinstance(accumulate, int) and accumulate > 0 and phase["iters"] % accumulate:
        yield f"{path}.iters: {phase['iters']} is no multiple of accumulate={accumulate}: a turn ends with an update"


def _unheard(phases: Any, losses: list[str]) -> Iterator[str]:
    if all(phase.get("losses") is not None for phase in phases):
        heard = {name for phase in phases for name in phase["losses"]}
        for name in losses:
            if name not in heard:
                yield f"losses.{name}: no phase names it, so that it would count nowhere; name it, or leave it out"


def phases_schema() -> Schema:
    """JSON schema of the phases."""
    properties = {
        key: {"description": field.help, **field.schema, **({} if field.default is REQUIRED else {"default": None})}
        for key, field in FIELDS.items()
    }
    required = [key for key, field in FIELDS.items() if field.default is REQUIRED]
    phase = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return {
        "description": "who learns when; without: the enhancer alone",
        "type": "array",
        "items": phase,
        "minItems": 1,
    }
