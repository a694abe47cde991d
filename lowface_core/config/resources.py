"""What a checked config needs from the machine: weights files, data folders. Everything missing is said at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lowface_core.config.build import build_from
from lowface_core.config.load import HOLE
from lowface_core.config.settings import MANY, ONE
from lowface_core.config.suppliers import parts
from lowface_core.errors import LowfaceError, WeightsError
from lowface_core.registry import components
from lowface_core.registry.registration import Component
from lowface_core.weights import store


def uses(cfg: Mapping[str, Any]) -> Iterator[tuple[str, Component, Mapping[str, Any]]]:
    """Every component a config uses, parts included: (path, component, config dict)."""
    for section, kind in ONE.items():
        if cfg.get(section):
            yield from _walk(section, kind, cfg[section])
    for section, kind in MANY.items():
        for name, spec in (cfg.get(section) or {}).items():
            yield from _walk(f"{section}.{name}", kind, spec)


def _walk(path: str, kind: str, spec: Mapping[str, Any]) -> Iterator[tuple[str, Component, Mapping[str, Any]]]:
    component = components.component_of(kind, spec, path)
    yield path, component, spec
    for part, part_kind in component.parts.items():
        if isinstance(spec.get(part), Mapping):
            yield from _walk(f"{path}.{part}", part_kind, spec[part])


def weights_faults(cfg: Mapping[str, Any]) -> list[str]:
    """One line per ``weights=`` that names neither a file nor registered weights that are here or can be fetched.

    Parts that nobody offers, and texts with a setting still open, are left to others to report.
    """
    faults = []
    for part in parts(cfg):
        asked = part.spec.get("weights") if part.component else None
        if part.component is None or asked is None or (isinstance(asked, str) and HOLE.search(asked)):
            continue
        try:
            store.check(part.component, asked)
        except WeightsError as error:
            faults.append(f"{part.path}.{error}")
    return faults


def weights_used(cfg: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """File name and SHA-256 of every weights file a config uses, by config path; for the manifest."""
    used = {}
    for path, component, spec in uses(cfg):
        if spec.get("weights") is not None:
            file = store.resolve(component, spec["weights"])
            used[path] = {"asked": str(spec["weights"]), "sha256": store.sha256_of(store.Path(file))}
    return used


def build_datasets(cfg: Mapping[str, Any], sections: tuple[str, ...], faults: list[str]) -> dict[str, Any]:
    """Builds the datasets of the named sections; what cannot be built adds a line to ``faults``."""
    built = {}
    for section in sections:
        if cfg.get(section):
            try:
                built[section] = build_from("dataset", cfg[section], section)
                if len(built[section]) == 0:
                    faults.append(f"{section}: the data set is empty")
            except LowfaceError as error:
                faults.append(str(error))
    return built
