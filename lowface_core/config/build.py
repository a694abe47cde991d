"""Building what a config describes: parts first, weights resolved to a local, verified file; what is missing for it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lowface_core.config.check import part_faults
from lowface_core.config.keywords import keywords
from lowface_core.config.load import HOLE
from lowface_core.config.settings import parts
from lowface_core.data.batches import to_tensor
from lowface_core.errors import ConfigError, LowfaceError, PluginError, WeightsError, placed
from lowface_core.registry.components import Part
from lowface_core.registry.owner import mark, restored
from lowface_core.registry.registration import cause
from lowface_core.registry.trace import call, diverted, timed
from lowface_core.weights import store
from lowface_core.weights.record import sha256_of
from lowface_core.weights.store import resolve

#: Samples of a batch that fit any machine that trains.
ORDINARY = 256


def build_from(kind: str, spec: Mapping[str, Any], path: str, reserved: tuple[str, ...] = ()) -> Any:
    """Builds the object that a config dict describes; parts first, weights resolved to a local file.

    Raises:
        ConfigError: the dict is faulty.
        LowfaceError: what the factory itself raised for a user's mistake; ``path`` opens the message.
        PluginError: the factory failed otherwise; names config path and plugin.
    """
    part = Part.of(kind, spec, path, reserved)
    faults = [fault for each in part.walk() for fault in part_faults(each)]
    if faults:
        raise ConfigError("\n".join(faults))
    return _built(part)


def _built(part: Part) -> Any:
    component = part.component
    assert component is not None  # the check has found it
    factory = component.resolve()
    known, given = keywords(factory), part.arguments()
    built = {each.path: _built(each) for each in part.parts()}
    for name, value in given.items():
        path, kind = f"{part.path}.{name}", component.parts.get(name)
        if kind is None:
            given[name] = known[name].accepted(value) if name in known else value
        elif isinstance(kind, str):
            given[name] = built.get(path, value)
        elif value is not None:
            given[name] = [built.get(f"{path}.{place}", each) for place, each in enumerate(value)]
    owner = f"{component.kind} {component.name!r} of plugin {component.plugin}"
    try:
        if given.get("weights") is not None and "weights" in known:
            given["weights"] = resolve(component, given["weights"])
        with (
            diverted(owner),
            restored(owner),
            timed(f"{part.path}: {component.plugin} builds {call(component.name, given)}"),
        ):
            return mark(factory(**given), owner)
    except LowfaceError as error:
        raise placed(error, part.path) from error
    except (Exception, SystemExit) as error:
        raise PluginError(f"{part.path}: {owner} could not be built: {cause(error)}") from error


def build(kind: str, name: str, /, **kwargs: Any) -> Any:
    """Builds one component by name, outside any config: ``lf.build("head", "vgg16", weights="imagenet")``.

    Args:
        kind: ``enhancer``, ``loss``, ``head``, ``dataset``, ``metric`` or ``degradation``.
        name: bare name, or ``distribution/name``.
        **kwargs: the factory's keywords; a part may be a config dict or an object already built.

    Raises:
        LowfaceError: unknown component; unknown, missing or wrong keyword; missing weights.
    """
    return build_from(kind, {"type": name, **kwargs}, f"{kind} {name}")


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


def portable(spec: Any) -> Any:
    """A component's config with weights by their file's bare name: the same from any folder, on every machine."""
    if not isinstance(spec, Mapping):
        return spec
    return {k: Path(v).name if k == "weights" and isinstance(v, str) else portable(v) for k, v in spec.items()}


def memory_fault(dataset: Any, cfg: Mapping[str, Any], setting: str) -> str | None:
    """Says that a batch takes more memory than the machine has; batches of ordinary size are not looked at."""
    count = cfg.get(setting) or 1
    if count <= ORDINARY or not hasattr(os, "sysconf"):
        return None
    sample = sum(getattr(to_tensor(value), "nbytes", 0) for value in dataset[0].values())
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if sample * count <= there:
        return None
    taken = f"{count} samples of {sample / 2**20:.2f} MiB take {sample * count / 2**30:.0f} GiB of memory"
    return f"{setting}: {taken}, and this machine has {there / 2**30:.0f}; give a smaller one"


def build_datasets(cfg: Mapping[str, Any], sections: tuple[str, ...], faults: Sequence[str] = ()) -> dict[str, Any]:
    """Builds the data sets of the named sections.

    Raises:
        ConfigError: a line for each that is empty or cannot be built, after the ``faults`` that were found before.
    """
    built, every = {}, list(faults)
    for section in filter(cfg.get, sections):
        try:
            built[section] = build_from("dataset", cfg[section], section)
            if len(built[section]) == 0:
                every.append(f"{section}: the data set is empty")
            elif fault := memory_fault(built[section], cfg, "batch_size" if "train" in section else "eval_batch_size"):
                every.append(fault)
        except LowfaceError as error:
            every.append(str(error))
    if every:
        raise ConfigError("\n".join(every))
    return built
