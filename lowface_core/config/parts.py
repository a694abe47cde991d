"""Every component of a config, parts of parts included: the one way through it that checks, reports and builders go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lowface_core.config.settings import MANY, ONE
from lowface_core.registry.components import RESERVED, Part


def parts(cfg: Mapping[str, Any]) -> Iterator[Part]:
    """Every part of a config, each before its own parts; one that nobody offers does not hide the others."""
    for section, kind in ONE.items():
        if cfg.get(section) is not None:
            yield from Part.of(kind, cfg[section], section).walk()
    for section, kind in MANY.items():
        entries = cfg.get(section)
        for name, spec in entries.items() if isinstance(entries, Mapping) else ():
            yield from Part.of(kind, spec, f"{section}.{name}", RESERVED.get(kind, ())).walk()
