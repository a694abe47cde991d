"""What a checked config needs from the machine: weights files, data folders. Everything missing is reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lowface_core.config.build import build_from
from lowface_core.config.load import HOLE
from lowface_core.config.parts import parts
from lowface_core.errors import LowfaceError, WeightsError
from lowface_core.weights import store
from lowface_core.weights.record import sha256_of


def weights_faults(cfg: Mapping[str, Any]) -> list[str]:
    """One line per ``weights=`` that names neither a file nor registered weights that are here or can be fetched.

    Parts that nobody offers, and texts with a setting still open, are left to others to report.
    """
    faults = []
    for part in parts(cfg):
        weights = part.spec.get("weights") if part.component else None
        if part.component is None or not isinstance(weights, (str, Path)) or HOLE.search(str(weights)):
            continue
        try:
            store.check(part.component, weights)
        except WeightsError as error:
            faults.append(f"{part.path}.{error}")
    return faults


def weights_used(cfg: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """File name and SHA-256 of every weights file a config uses, by config path; for the manifest."""
    used = {}
    for part in parts(cfg):
        if part.component is not None and part.spec.get("weights") is not None:
            file = store.resolve(part.component, part.spec["weights"])
            used[part.path] = {"asked": str(part.spec["weights"]), "sha256": sha256_of(Path(file))}
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
